"""Function words and stock phrases of need and offer texts, German and English.

They tell the language of a text and are never features: "we are looking for" matches everybody.
"""


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


GERMAN = _words(
    """
    aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim beide
    beiden bereits bis bisher da dabei dadurch dafür daher damit danach daran darauf daraus darf darüber das dass
    dazu dein dem den denen denn der deren des dessen die dies diese diesem diesen dieser dieses doch dort durch
    ein eine einem einen einer eines einige einigen er es etwa etwas euch euer für gegen gibt haben hat hatte hier
    hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem ins ist ja jede jedem jeden jeder
    jedes jedoch jetzt kann kein keine keinem keinen keiner können könnte könnten man mehr mein meine mit muss
    müssen nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seines seit selbst
    sich sie sind so sobald sodass solche solchen soll sollen sollte sollten sondern sowie statt über um und uns
    unser unsere unserem unseren unserer unseres unter viel viele vielen vom von vor wann war waren warum was
    weil weitere weiteren welche welchem welchen welcher welches wenn wer werden wie wieder will wir wird wo
    wobei wodurch wollen wollte worden wurde wurden während zu zum zur zwischen
    """
)
"""German function words as they are written, lower case."""

ENGLISH = _words(
    """
    about above across after again against all along already also although always among an and another any are
    around as at be because been before being below between both but by can cannot could did do does doing done
    down during each either even every few for from further had has have having he hence her here his how however
    if in into is it its itself just least less like made make many may might more most much must my near neither
    nor not now of off on once one only onto or other others our out over own per quite rather same shall she
    should since so some such than that the their them themselves then there thereby therefore these they this
    those through thus to too toward towards under until up upon us very via was we well were what when where
    whether which while who whom whose why will with within without would yet you your
    """
)
"""English function words, lower case."""

STOCK = _words(
    """
    anbieten angeboten bieten bietet biete brauchen braucht benötigen benötigt gerne gern gesucht helfen hilft
    idee ideen interessiert möchte möchten partner partnern partnerin projekt projekte suchen sucht suche
    unterstützen unterstützt unternehmen firma verfügung neu neue neuem neuen neuer neues innovativ innovative
    innovativen innovativer innovatives lösung lösungen entwickeln entwickelt entwicklung
    aim aims company help helps idea ideas interested look looking need needed needs offer offered offering
    offers partner partners project projects provide provides require required seek seeking seeks support
    supports want wanted wants new novel innovative innovation solution solutions develop developed developing
    development
    """
)
"""What every need and every offer says whatever it is about, both languages, lower case."""
