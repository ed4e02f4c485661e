"""Definition of models: fields declared by annotation, over a row that is never edited."""
