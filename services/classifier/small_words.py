"""Pure. The words at which a phrase ends, in three languages: articles, prepositions, pronouns, auxiliaries."""

from typing import Final

_SMALL: Final = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines und oder aber denn sondern nicht kein keine
    keinen mit von vom zu zum zur für auf aus bei beim nach vor über unter durch gegen ohne um an am im in ins
    ans bis seit ab wegen während zwischen ist sind war waren wird werden wurde wurden worden sei hat haben
    hatte hatten kann können konnte soll sollen sollte muss müssen will wollen darf dürfen als auch noch nur
    schon mehr wie was wer wo wenn dass ob weil da so doch sehr sich es sie er wir ihr ich man ihre ihren
    ihrem ihrer sein seine seinen seinem seiner unser unsere unseren dieser diese dieses diesem diesen jene
    welche welcher damit dazu dabei dafür davon darüber daran sowie bzw le la les l un une des du de d au aux
    et ou où mais ni ne n pas plus avec sans pour par sur sous dans en entre vers chez est sont était étaient
    sera seront a ont avait avaient été être avoir fait font peut peuvent doit doivent ce cet cette ces c son
    sa ses leur leurs notre nos votre vos mon ma mes qui que quoi dont quel quelle quels quelles comment quand
    comme il elle ils elles nous vous on se s y qu j je très tout tous toute toutes si lors afin selon depuis
    après avant contre the an of and or but nor not no with without to from for on at by into over under
    between through against about as is are was were be been being has have had can could will would shall
    should may might must do does did it its this that these those their our your his her he she we you they i
    who which whose what when where why how if than then there all any some more most such also
    """.split()
)


def is_small(word: str) -> bool:
    """Whether the word carries no meaning of its own; in capitals it is a name."""
    return word.casefold() in _SMALL and not (len(word) > 1 and word.isupper())
