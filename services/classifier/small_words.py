"""Pure. The words at which a phrase ends, in three languages: articles, prepositions, pronouns, auxiliaries, and
the commonest verbs and adverbs, which say nothing where what they govern is cut off (Volkswagen veut)."""

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
    sollten müsste müssten mussten könnte könnten konnten würde würden wollen wollten wollte möchte darf durften
    mag geht gehen ging kommt kommen kam steht stehen stand macht machen gibt geben gab lässt lassen bleibt
    bleiben nimmt nehmen heißt sagt sagen zeigt zeigen nun jetzt dann dort hier heute morgen bereits immer wieder
    etwa rund fast sogar zudem jedoch denen deren dessen welchen welchem jeder jede jedes alle allem allen aller
    viele vielen etwas nichts einmal längst gar scheint scheinen sonst bald erneut zuvor weiter weiterhin künftig
    derzeit außerdem dennoch allerdings trotzdem deshalb daher dadurch hingegen ebenfalls zunächst zuletzt meist
    à près veut veulent va vont devrait devraient pourrait pourraient semble semblent savent sait encore aussi
    ainsi grâce suite dès jusqu alors déjà donc car bien peu trop moins même autre autres cela ceci celui celle
    ceux celles lui eux là voici voilà plusieurs chaque certains certaines quelques toujours jamais dit dire met
    vient viennent aurait auraient malgré récemment partir pris
    like up out off only one both each every another other others while during before after since until because
    so just even still now here very much many say says said get gets make makes made take takes go goes going
    came come comes let lets know knows upon within across around last toward towards whether us him them me my
    """.split()
)


# at these a phrase breaks off: what stands behind them is told of somebody else, or denied, or another clause
_PARTING: Final = frozenset(
    """
    ihre ihren ihrem ihrer sein seine seinen seinem seiner unser unsere unseren kein keine keinen nicht es sie er
    wir ihr ich man sich denn sondern aber dass ob weil da wenn als wie was wer wo welche welcher dieser diese
    dieses sonst bald erneut zuvor weiterhin künftig derzeit außerdem dennoch allerdings trotzdem deshalb daher
    dadurch hingegen ebenfalls zunächst zuletzt meist sowie jedoch zudem dann damit dazu denen deren dessen
    il elle ils elles nous vous on qui que quoi dont quand comme si mais ni ne n pas son sa ses leur leurs notre
    nos votre vos donc car ceci cela celui celle ceux celles lui eux afin lors
    it they we you he she i who which whose what when where why how if than then but not no nor its their our your
    his her because so until while
    """.split()
)


# these tie what stands before them to what stands behind: KI im Krankenhaus, agence de l'énergie, bill on data
_TYING: Final = frozenset(
    """
    der des dem mit von vom zu zum zur für auf aus bei beim nach gegen ohne am im in ins an und
    le la les l des du de d au aux et pour par sur sous dans en contre entre sans à
    the of and for on at by into with to from against between without
    """.split()
)


def ties(word: str) -> bool:
    """Whether a small word makes one phrase of its neighbours."""
    return word.casefold() in _TYING


def parts(word: str) -> bool:
    """Whether a phrase breaks off at a small word."""
    return word.casefold() in _PARTING


def is_small(word: str) -> bool:
    """Whether the word carries no meaning of its own; in capitals it is a name."""
    return word.casefold() in _SMALL and not (len(word) > 1 and word.isupper())
