"""Settings: `base` is what all share; `demo`, `test` and `production` are what runs. `env` reads the environment."""
