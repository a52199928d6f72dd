"""SQL: rows, engines, migrations, and one file of queries per use. Row classes never leave this
package."""
