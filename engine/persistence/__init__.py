"""The only package that speaks SQL: tables, migrations, and one store per noun, each a module of functions on a `Transaction`."""
