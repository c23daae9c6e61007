"""From trees to SQL text: one compiler, each dialect a few overrides."""
