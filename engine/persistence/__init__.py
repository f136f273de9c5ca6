"""The only package that speaks SQL: tables, migrations, and one store of functions per noun."""
