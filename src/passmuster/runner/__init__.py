"""How trials come about: prompts, the plan, and the engine that asks what is missing."""
