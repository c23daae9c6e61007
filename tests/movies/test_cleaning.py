"""Promises of ``movies.cleaning``: what each record of the real file gives, and that any other gives an answer."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from movies.cleaning import COLUMN_OF, Cleaned, Dirt, Refused, Repair, clean, clean_all, twins
from movies.tables import Director, Film, Rating

Records = list[dict[str, object]]

VALUES: dict[str, object] = {"Title": "Dune", "Release Date": "Dec 14 1984"}


def film_of(records: Records, number: int) -> Film:
    """The film that the record of this number gives."""
    cleaned = clean(number, records[number - 1])
    assert isinstance(cleaned, Cleaned)
    return cleaned.film


def refusal(changes: dict[str, object]) -> str:
    """The reason why the values with these changes give no film."""
    refused = clean(7, VALUES | changes)
    assert isinstance(refused, Refused)
    assert refused.number == 7
    return refused.reason


def repairs(records: Records, dirt: Dirt) -> list[Repair]:
    """The repairs of one kind in the real file."""
    found = [repair for each in clean_all(records) if isinstance(each, Cleaned) for repair in each.repairs]
    return [repair for repair in found if repair.dirt is dirt]


def test_every_record_is_accounted_for(records: Records) -> None:
    """Of 3,201 records 3,200 give a film, and the one without a title is refused by its number."""
    results = clean_all(records)
    assert len(results) == 3201
    assert sum(isinstance(result, Cleaned) for result in results) == 3200
    assert [result for result in results if isinstance(result, Refused)] == [
        Refused(3054, "Title: a film needs a title, and this one has none")
    ]
    assert [result.number for result in results] == list(range(1, 3202))


def test_a_record_in_full(records: Records) -> None:
    """Each field of a clean record reaches its column."""
    film = film_of(records, 1271)
    source = records[1270]
    assert source["Title"] == film.title == "The Curious Case of Benjamin Button"
    assert (film.record, film.release_date, film.mpaa_rating) == (1271, date(2008, 12, 25), Rating.pg_13)
    assert (film.us_gross, film.worldwide_gross, film.us_dvd_sales) == (127509326, 329809326, 42850598)
    assert (film.production_budget, film.running_time) == (160000000, 167)
    assert (film.distributor, film.source) == ("Paramount Pictures", "Based on Book/Short Story")
    assert (film.major_genre, film.creative_type) == ("Drama", "Fantasy")
    assert (film.rotten_tomatoes_rating, film.imdb_rating, film.imdb_votes) == (72, Decimal(8), 137120)


def test_only_repaired_values_differ_from_the_file(records: Records) -> None:
    """Whatever no repair names is loaded as it stands in the file."""
    texts = ("Distributor", "Source", "Major Genre", "Creative Type")
    numbers = ("US DVD Sales", "Production Budget", "Running Time min", "Rotten Tomatoes Rating", "IMDB Votes")
    for result, record in zip(clean_all(records), records, strict=True):
        if isinstance(result, Cleaned):
            film = result.film
            for field in (*texts, *numbers):
                assert getattr(film, COLUMN_OF[field]) == record[field]
            rating = record["IMDB Rating"]
            assert film.imdb_rating == (None if rating is None else Decimal(str(rating)))
            if not result.repairs:
                assert (film.title, result.director) == (record["Title"], record["Director"])
                assert (film.us_gross, film.worldwide_gross) == (record["US Gross"], record["Worldwide Gross"])
                assert film.mpaa_rating == record["MPAA Rating"]
                assert film.release_date.strftime("%d %Y") == str(record["Release Date"])[4:]


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (22, "1776"),
        (23, "1941"),
        (1069, "1408"),
        (1075, "2012"),
        (1076, "2046"),
        (1078, "21"),
        (1091, "300"),
        (1113, "9"),
        (1740, "54"),
    ],
)
def test_a_number_is_a_title(records: Records, number: int, title: str) -> None:
    """Nine titles are numbers in the file and text in the table."""
    assert records[number - 1]["Title"] == int(title)
    assert film_of(records, number).title == title


def test_all_number_titles_are_reported(records: Records) -> None:
    """No other record has a number for a title."""
    assert [repair.number for repair in repairs(records, Dirt.number_title)] == [
        22,
        23,
        1069,
        1075,
        1076,
        1078,
        1091,
        1113,
        1740,
    ]


@pytest.mark.parametrize(
    ("number", "written", "day"),
    [
        (10, "Dec 31 2046", date(1946, 12, 31)),  # Duel in the Sun
        (121, "Feb 08 2015", date(1915, 2, 8)),  # The Birth of a Nation
        (27, "Dec 24 2016", date(1916, 12, 24)),  # 20,000 Leagues Under the Sea, the silent one
        (401, "Dec 15 2039", date(1939, 12, 15)),  # Gone with the Wind
        (2659, "Jan 28 2011", date(2011, 1, 28)),  # Restless, announced when the data were taken
        (2968, "Dec 23 2011", date(2011, 12, 23)),  # Tintin, announced too
        (3177, "Aug 13 2010", date(2010, 8, 13)),  # The Expendables
        (1, "Jun 12 1998", date(1998, 6, 12)),
    ],
)
def test_years_after_2011_are_of_the_century_before(records: Records, number: int, written: str, day: date) -> None:
    """2012 and later means 1912 and later, and 2011 means 2011."""
    assert records[number - 1]["Release Date"] == written
    assert film_of(records, number).release_date == day


def test_all_centuries_are_reported(records: Records) -> None:
    """22 films get the century before, and afterwards none is later than 2011."""
    changed = repairs(records, Dirt.century)
    assert len(changed) == 22
    assert changed[0] == Repair(10, Dirt.century, "Dec 31 2046", "1946-12-31")
    days = [result.film.release_date for result in clean_all(records) if isinstance(result, Cleaned)]
    assert (min(days), max(days)) == (date(1915, 2, 8), date(2011, 12, 23))


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (41, "Astérix aux Jeux Olympiques"),
        (114, "De battre mon coeur s'est arrêté"),
        (138, "Les Bronzés 3: amis pour la vie"),
        (317, "Per qualche dollaro in più"),
        (461, "I Love You … Don't Touch Me!"),
        (535, "Alien³"),  # right from the start
        (649, "The Naked Gun 2½: The Smell of Fear"),
        (730, "Léon"),
        (764, "Ri¢hie Ri¢h"),  # right from the start
        (1252, "La mala educación"),
        (1479, "Die Fälscher"),
        (1574, "Déjà Vu"),
        (2029, "Indigènes"),
        (2050, "Obsluhoval jsem anglického krále"),
        (2239, "La Môme"),
        (2295, "Joyeux Noël"),
    ],
)
def test_garbled_letters_are_restored(records: Records, number: int, title: str) -> None:
    """Letters that were read in the wrong alphabet are restored, right ones are left alone."""
    assert film_of(records, number).title == title


def test_all_restored_titles_are_reported(records: Records) -> None:
    """18 titles had garbled letters."""
    assert len(repairs(records, Dirt.letters)) == 18


@pytest.mark.parametrize(
    "title", ["Léon", "Amélie", "Été", "Ägypten", "Più", "Żywot", "七人の侍", "¿Qué?", "Señor Ñandú"]
)
def test_right_letters_stay(title: str) -> None:
    """A title that was written well is not restored into something else."""
    cleaned = clean(1, VALUES | {"Title": title})
    assert isinstance(cleaned, Cleaned)
    assert (cleaned.film.title, cleaned.repairs) == (title, ())


def test_articles_come_first(records: Records) -> None:
    """Six titles have their article at the end; a comma in a title is not enough to be one of them."""
    assert [(each.number, each.after) for each in repairs(records, Dirt.article)] == [
        (71, "The Barbarians"),
        (175, "The Charge of the Light Brigade"),
        (229, "Das Boot"),
        (824, "The Secret"),
        (1004, "Les Couloirs du temps: Les visiteurs 2"),
        (1340, "The Story of Bonnie and Clyde"),
    ]
    assert film_of(records, 2046).title == "I, Robot"


def test_doubled_spaces_and_quotes(records: Records) -> None:
    """Three texts have doubled spaces or quotes, one of them a director's name."""
    assert [(each.number, each.after) for each in repairs(records, Dirt.spacing)] == [
        (118, 'Jeff "King Jeff" Hollins'),
        (407, "The Helix... Loaded"),
        (421, "Halloween: The Curse of Michael Myers"),
    ]


def test_nothing_earned_anywhere_is_unknown(records: Records) -> None:
    """47 films with 0 in both columns get empty ones; 0 in the US alone stays 0."""
    changed = repairs(records, Dirt.gross)
    assert len(changed) == 47
    assert changed[0] == Repair(20, Dirt.gross, 0, None)
    angry_men, kingdoms = film_of(records, 20), film_of(records, 30)
    assert (angry_men.us_gross, angry_men.worldwide_gross) == (None, None)
    assert (kingdoms.us_gross, kingdoms.worldwide_gross) == (0, 22139590)


def test_ratings(records: Records) -> None:
    """The rating "Open" is read as Not Rated and reported, Not Rated stays, and no rating is none."""
    assert [(each.number, each.before) for each in repairs(records, Dirt.rating)] == [(2172, "Open"), (2655, "Open")]
    ratings = Counter(result.film.mpaa_rating for result in clean_all(records) if isinstance(result, Cleaned))
    assert ratings == {
        Rating.r: 1194,
        Rating.pg_13: 865,
        None: 605,
        Rating.pg: 354,
        Rating.not_rated: 95,  # 94 and two "Open", without the refused record
        Rating.g: 79,
        Rating.nc_17: 8,
    }


def test_directors(records: Records) -> None:
    """550 names, and 1,330 films without one beside the refused record."""
    directors = [result.director for result in clean_all(records) if isinstance(result, Cleaned)]
    assert directors.count(None) == 1330
    assert sum(record["Director"] is None for record in records) == 1331
    assert len(set(directors) - {None}) == 550


def test_twins(records: Records) -> None:
    """23 titles stand for two films with the same IMDb figures; two "Leagues Under the Sea" have none to share."""
    pairs = twins([result.film for result in clean_all(records) if isinstance(result, Cleaned)])
    assert len(pairs) == 23
    assert [tuple(film.record for film in pair) for pair in pairs[:3]] == [(49, 1139), (51, 1134), (68, 1239)]
    assert all(len(pair) == 2 for pair in pairs)
    assert {pair[0].title for pair in pairs}.isdisjoint({"20,000 Leagues Under the Sea"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Title": None}, "Title: a film needs a title, and this one has none"),
        ({"Title": " \t "}, "Title: it has characters that no text may have"),
        ({"Title": "   "}, "Title: a film needs a title, and this one has none"),
        ({"Title": True}, "Title: expected text, got true"),
        ({"Title": 8.5}, "Title: expected text, got 8.5"),
        ({"Title": -1}, "Title: expected text, got -1"),
        ({"Title": ["Dune"]}, "Title: expected text, got a list"),
        ({"Title": "D" * 201}, "Title: at most 200 characters are allowed, got 201"),
        ({"Title": "D\x00une"}, "Title: it has characters that no text may have"),
        ({"Title": "D\ud800une"}, "Title: it has characters that no text may have"),
        ({"Director": 5}, "Director: expected text, got 5"),
        ({"Director": "x" * 101}, "Director: at most 100 characters are allowed, got 101"),
        ({"Release Date": None}, "Release Date: a film needs a date, and this one has none"),
        ({"Release Date": "1943-01-01"}, 'Release Date: expected a date such as "Jun 12 1998", got "1943-01-01"'),
        ({"Release Date": "Mai 01 1943"}, 'Release Date: expected a date such as "Jun 12 1998", got "Mai 01 1943"'),
        ({"Release Date": "Feb 29 2001"}, 'Release Date: there is no such day as "Feb 29 2001"'),
        ({"Release Date": "Feb 29 2100"}, 'Release Date: there is no such day as "Feb 29 2100"'),
        ({"Release Date": "Jan 01 0000"}, 'Release Date: there is no such day as "Jan 01 0000"'),
        ({"Release Date": "Jan 01 2100"}, "Release Date: 2100 is no year of the films of 1888 to 2011"),
        ({"Release Date": "Jan 01 1887"}, "Release Date: 1887 is no year of the films of 1888 to 2011"),
        ({"US Gross": "12"}, 'US Gross: expected a whole number, got "12"'),
        ({"US Gross": 1.5}, "US Gross: expected a whole number, got 1.5"),
        ({"US Gross": False}, "US Gross: expected a whole number, got false"),
        ({"US Gross": -1}, "US Gross: -1 is less than 0"),
        ({"US Gross": 2**63}, "US Gross: expected a whole number, got a number of more than 64 bits"),
        ({"Running Time min": 0}, "Running Time min: 0 is less than 1"),
        ({"Rotten Tomatoes Rating": 101}, "Rotten Tomatoes Rating: 101 is more than 100"),
        ({"IMDB Rating": {}}, "IMDB Rating: expected a whole number, got an object"),
        ({"IMDB Rating": 10.1}, "IMDB Rating: 10.1 is more than 10"),
        ({"MPAA Rating": "X"}, 'MPAA Rating: expected one of G, PG, PG-13, R, NC-17, Not Rated, got "X"'),
        ({"US_Gross": 5}, 'the field "US_Gross" is not known'),
    ],
)
def test_refusals(changes: dict[str, object], reason: str) -> None:
    """A value that is none of its field refuses the record and is named."""
    assert refusal(changes) == reason


def test_a_record_that_is_no_object() -> None:
    """A list of something else than objects is refused one by one."""
    assert clean_all([None, 5, "Dune", [VALUES]]) == [
        Refused(1, "a record is an object, and this is null"),
        Refused(2, "a record is an object, and this is 5"),
        Refused(3, 'a record is an object, and this is "Dune"'),
        Refused(4, "a record is an object, and this is a list"),
    ]


def test_a_missing_field_is_an_empty_one() -> None:
    """A record may leave out what it does not know."""
    cleaned = clean(5, VALUES)
    assert isinstance(cleaned, Cleaned)
    assert (cleaned.film.record, cleaned.film.title, cleaned.film.us_gross) == (5, "Dune", None)
    assert (cleaned.director, cleaned.repairs) == (None, ())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
DATES = st.dates().map(lambda day: day.strftime("%b %d ") + f"{day.year:04}")
LIKELY = {
    "Title": st.text(min_size=1, max_size=30) | st.integers(0, 3000),
    "Release Date": DATES,
    "Director": st.none() | st.text(max_size=120),
    "US Gross": st.none() | st.integers(-1, 10**9),
    "IMDB Rating": st.none() | st.floats(0, 11) | st.integers(-1, 11),
    "MPAA Rating": st.none() | st.sampled_from(["R", "Open", "Not Rated", "X"]),
}
RECORDS = (
    JSON
    | st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMN_OF, JSON))
    | st.fixed_dictionaries(LIKELY, optional={"IMDB Votes": JSON, "Distributor": JSON})
)


@given(number=st.integers(1, 10_000), record=RECORDS)
def test_any_json_gives_a_film_or_a_reason(number: int, record: object) -> None:
    """Whatever the JSON, the answer is a film whose director can be a row too, or a reason of one short line."""
    result = clean(number, record)
    assert result.number == number
    if isinstance(result, Refused):
        assert 10 < len(result.reason) < 200
        assert result.reason.isprintable()
    else:
        assert result.film.record == number
        assert date(1888, 1, 1) <= result.film.release_date <= date(2011, 12, 31)
        assert result.director is None or Director(name=result.director).name == result.director
