"""What a text says, as numbers: an encoder of sentences in three languages. Texts of one meaning lie near."""
