"""Law: penalties in force, sentences, process tracing, when countries criminalise."""
