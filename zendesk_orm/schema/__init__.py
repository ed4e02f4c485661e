"""What a model is: fields declared by annotation, over a row that is never edited."""
