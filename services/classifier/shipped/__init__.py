"""The model Vigie ships: lexicon, hashed n-grams and a distilled encoder, added up and explained exactly."""
