"""Function words of the languages that most news is written in.

On a small site, frequencies do not tell "after" from "election". The lists hold articles,
pronouns, prepositions, conjunctions and auxiliary verbs, and no word that names a subject.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from training.records import Bool
from training.texts.folding import fold

_WORDS: Final = {
    "en": """
        the of and to in is are was were be been being has have had having do does did for on
        at by with from as it its he him his she her hers they them their theirs we us our you
        your my me who whom whose which what when where why how that this these those there
        here not no nor but or if than then so an also after before about into over under
        between through during against out up down off again more most some any all both each
        few other such only own same too very can could will would shall should may might must
        just while because until since upon without within across along around among although
        though however yet still ever even much many another every itself himself herself
        themselves am
    """,
    "ar": """
        في على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين ما لا لم لن أن إن ان كان كانت
        يكون هو هي هم قد كما أو او ثم بعد قبل بين كل حتى إذا عند عندما لكن أي غير منذ خلال حول
        ضد دون وفي ومن وقد وهو وهي وكان وأن ولا عليه عليها فيه فيها له لها به بها أنه أنها
    """,
    "bg": """
        на за от да се не са че по до като при след през или но той тя то те това този тази
        тези ще беше бил си му ги ни ви им още само също когато където който която което които
        без между пред над под към има няма може
    """,
    "cs": """
        na se že je to si ve do za od po pro při nebo ale jako který která které kteří jsou
        byl byla bylo byli být bude budou není jen už tak když aby proti podle než před mezi
        jeho její jejich také co pod nad bez ze ho mu jí tom této tento tato toto má mají může
    """,
    "da": """
        og at det er en et til af for med som på de der ikke har var han vi jeg du om fra kan
        vil skal blev bliver blive være været havde sig sit sine hans hendes deres efter over
        ved eller når så nu også ud op ind hvor hvad hvem dette denne disse mod under mellem
        hos uden kunne ville skulle dem os mig end da kun meget
    """,
    "de": """
        und der das dem des ein eine einer einem einen eines ist sind waren wird werden wurde
        wurden worden sein haben hatte hatten in im an am auf aus bei beim mit nach von vom
        vor zu zum zur für über unter um durch gegen ohne zwischen als auch noch nur nicht
        kein keine wie dass daß weil wenn ob aber oder doch schon sehr mehr so dann da hier er
        sie es wir ihr ich sich ihm ihn ihnen uns seine seiner ihre ihrer kann können soll
        sollen muss müssen will wollen dieser diese dieses bis seit während
    """,
    "el": """
        και το να του της την των τον με για από στο στη στην στον στις στους τα τις τους που
        δεν θα είναι ήταν έχει έχουν σε ως αλλά ότι όπως μια ένα ένας μετά πριν κατά προς μου
        σου μας σας αυτό αυτή αυτός αν όταν πως ενώ μόνο πιο πολύ οι τη
    """,
    "es": """
        de la que el en los se del las un por con no una su para es al lo como más pero sus le
        ya fue este ha sí porque esta entre está cuando muy sobre ser tiene también me hasta
        hay donde han quien están desde todo nos durante todos uno les ni contra otros ese eso
        ante ellos esto antes algunos qué unos otro otras otra él tanto esa estos mucho era
        eran fueron sido haber había tras según
    """,
    "fa": """
        در به از که این را با است برای آن یک خود تا کرد بر هم نیز گفت می شود شده شد وی ها های
        او ما اما یا اگر هر بود باید کند کرده دارد دارند نمی همه پس بین پیش بعد روی زیر چه
        دیگر هستند نیست بودند شدند کردند ای اند اش شان
    """,
    "fi": """
        ja on ei että se hän oli ovat mutta myös kun niin kuin tai jos joka jotka mitä mikä
        tämä nämä ne he me te sen sitä hänen olla ollut olivat olisi voi vain jo vielä sekä
        kanssa mukaan jälkeen ennen yli alle sitten siitä tästä tämän jonka joita ole eivät en
        et mukana
    """,
    "fr": """
        de la le les et des en un une du est que qui dans par sur au aux avec pas ce cette ces
        cet se sa ses il elle ils elles on nous vous je tu leur leurs mais ou où donc ne ni si
        sont été être était étaient ont avait avoir fait comme après avant entre sous vers
        chez dont tous toute toutes même aussi encore très bien deux lui eux moi selon depuis
        pendant contre lors ainsi alors quand
    """,
    "he": """
        של את על לא הוא היא הם זה זו כי אל עם גם אבל או אם כל יותר רק אחרי לפני בין היה היתה
        היו יש אין מה מי אני אנחנו אתה אתם לו לה להם שלו שלה שלהם כך אך עוד כבר בו בה אותו
        אותה כמו עד אשר לאחר
    """,
    "hi": """
        के में की है का से को ने और पर यह वह कि एक भी हैं था थी थे इस उस तो ही हो कर लिए साथ
        गया गई गए रहा रही रहे अपने अपनी अपना जो नहीं या कुछ किया बाद तक इसके उनके द्वारा करने
    """,
    "hu": """
        az és hogy nem is egy ez volt van de csak már meg ha mint vagy el fel ki be még azt
        ezt akik amely aki ami lesz lett nagyon után között szerint alatt ellen pedig így úgy
        amikor mert sem minden több kell lehet ennek annak voltak vannak
    """,
    "id": """
        yang dan di ke dari untuk dengan pada ini itu adalah tidak akan dalam juga oleh karena
        sebagai telah sudah bisa ada mereka kami kita ia dia saya anda lebih saat tersebut
        atau serta agar bagi para setelah hingga antara tetapi namun jika
    """,
    "it": """
        di che il la le lo gli un una uno per con non si da dal dalla dai dalle nel nella nei
        nelle del della dei delle degli al alla ai alle agli sul sulla su in come ma anche più
        ha hanno sono era erano stato stata stati essere suo sua suoi loro lui lei noi voi io
        questo questa questi queste quello quella dopo prima tra fra senza contro ancora se
        cui dove quando perché già ed
    """,
    "nl": """
        de het een en van in op te dat is was zijn werd wordt worden met voor aan niet er om
        ook als bij door naar uit over nog maar dan hij zij ze wij we ik je haar zich hem dit
        deze heeft hebben had hadden kan kunnen zal zullen wil moet moeten of na tegen tussen
        onder zonder wel al meer veel geen toen waar wie wat
    """,
    "no": """
        og det er en et ei til av for med som på de der ikke har var han vi jeg du om fra kan
        vil skal ble blir bli være vært hadde seg sitt sine hans hennes deres etter over ved
        eller når så nå også ut opp inn hvor hva hvem dette denne disse mot under mellom hos
        uten kunne ville skulle dem oss meg deg enn da kun at ikkje eit dei
    """,
    "pl": """
        na do nie się że to jest po od za przez dla jak ale oraz który która które którzy są
        był była było byli być będzie już tylko także też ze przed przy pod nad bez czy tak
        jego jej ich tym tego tej ten ta te co go mu może gdy aby między podczas jako lub
    """,
    "pt": """
        de que do da em um uma para com não no na os as dos das ao aos por mais foi se como
        mas seu sua seus suas ou ser quando muito há nos já está eu também só pelo pela até
        isso ela ele eles elas entre era depois sem mesmo têm tem são esta este esse essa
        pelos nas num numa foram sobre após desde contra onde quem
    """,
    "ro": """
        de la și în cu pe din nu este sunt care pentru un una unei unui ce mai dar sau ca să
        se au al ale fost fi era după prin între fără până despre către acest această aceste
        acesta ei el ea lor lui sa său si in
    """,
    "ru": """
        на не что он она оно они по за из от до для об при как но или же бы ли то это этот эта
        эти того тем том так уже еще ещё только также был была было были быть будет будут его
        ее её их ему им мы вы себя который которая которое которые когда если чтобы где со ко
        во над под между после перед через без более все всё всех может
    """,
    "sk": """
        na sa že je to si vo do za od po pre pri alebo ale ako ktorý ktorá ktoré ktorí sú bol
        bola bolo boli byť bude budú nie len už tak keď aby proti podľa než pred medzi jeho
        jej ich tiež čo pod nad bez zo ho mu
    """,
    "sr": """
        је на се да су за од не што као или али који која које ће био била били бити већ само
        након пре после између до из по са код они она он то овај ова ово
    """,
    "sv": """
        och att det är en ett till av för med som på de inte har var han hon vi jag du om från
        kan vill ska skall blev blir bli vara varit hade sig sitt sina hans hennes deras efter
        över vid eller när så nu också ut upp in där vad vem detta denna dessa mot under
        mellan hos utan kunde ville skulle honom dem oss mig än då bara mycket
    """,
    "tr": """
        ve bir bu da de için ile olarak olan çok daha en gibi ise ama kadar sonra önce göre
        her ne şu ki mi mı mu mü değil var yok olduğu oldu olduğunu olacak ya hem biz siz
        onlar ben sen onun bunun diye ancak veya yani bile karşı arasında tarafından üzerine
        şey
    """,
    "uk": """
        та на не що він вона воно вони до за із зі від для про при як але або це цей ця ці
        того тим так вже ще тільки також був була було були бути буде будуть його її їх йому
        ми ви який яка яке які коли якщо щоб де над під між після перед через без більше все
        всі може
    """,
    "vi": """
        và của là có cho không được trong các những một với này đã đến từ khi người vào ra sẽ
        cũng để như về tại trên đó theo sau nhưng còn nhiều hơn do bị thì mà đang phải rất lại
        nếu
    """,
}
"""By language; ties go to the first. No other list has a word that names something in English."""


def _by_word() -> Mapping[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for number, words in enumerate(_WORDS.values()):
        for word in sorted({fold(word) for word in words.split()}):
            found[word] = (*found.get(word, ()), number)
    return found


STOP_WORDS: Final = _by_word()
"""For each function word, folded as a term, the positions of its languages in `_WORDS`."""


def are_stop_words(vocabulary: Mapping[str, int], counts: csr_array) -> Bool:
    """Mark the entries that are function words of the language of their article: bool[nnz].

    The language is the one of which the article has the most function words. So "die" has a weight
    in English, and none in German.

    Parameters
    ----------
    vocabulary : mapping of str to int
        The number of each term.
    counts : csr [n, v]
        How often each term occurs in each article.
    """
    known = [(vocabulary[word], at) for word, at in STOP_WORDS.items() if word in vocabulary]
    marks = np.zeros((counts.shape[1], len(_WORDS)), np.bool_)
    for column, languages in known:
        marks[column, languages] = True
    columns = np.array([column for column, _ in known], np.int64)
    hits = counts[:, columns] @ marks[columns].astype(np.float32)
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    return np.asarray(marks[counts.indices, hits.argmax(axis=1)[row]])
