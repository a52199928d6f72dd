"""What months are called in the languages of Europe and some more, as the Unicode CLDR writes them
(release 47; the whole name and the short one).

Always holds: a name that means different months in different languages (listopad) is left out,
because it is ambiguous.
"""

_NAMES = (
    (
        "ean eanáir ene enero gen gener gennaio ian ianuarie ion ionawr jaan jaanuar jan janar "
        "janeiro jannar januar januari januarie january "
        "január januára janv janvier janvāris janúar led leden ledna oca ocak saus sausio sausis "
        "sij siječanj siječnja sty styczeń stycznia tammi "
        "tammikuu tammikuuta urt urtarrila xan xaneiro yan yanvar ιαν ιανουάριοσ ιανουαρίου сту "
        "студзень студзеня січ січень січня янв январь "
        "января яну януари јан јануари"
    ),
    (
        "chw chwef chwefror feabh feabhra feb febbraio febr febreiro febrer febrero februar "
        "februari februarie february február februára februāris "
        "febrúar fev fevereiro fevral fra frar févr février helmi helmikuu helmikuuta lut lutego "
        "luty ots otsaila shk shkurt vas vasario vasaris "
        "veebr veebruar velj veljača veljače úno únor února şub şubat φεβ φεβρουάριοσ φεβρουαρίου "
        "лют лютага лютий лютого люты фев февр февраль "
        "февраля февруари"
    ),
    (
        "bře březen března kov kovas kovo maalis maaliskuu maaliskuuta maart mac machi mar marca "
        "march marec maret mars mart martie marts martxoa "
        "marzec marzo marzu març março maw mawrth mrt márc március márta mär märts märz ožu ožujak "
        "ožujka μάρ μάρτιοσ μαρ μαρτίου бер березень "
        "березня мар март марта сак сакавік сакавіка"
    ),
    (
        "abr abril aib aibreán api apirila apr aprel april aprile aprili aprilie aprill apríl "
        "apríla aprīlis avr avril bal balandis balandžio dub "
        "duben dubna d’abr d’abril ebr ebrill huhti huhtikuu huhtikuuta kwi kwiecień kwietnia nis "
        "nisan pri prill tra travanj travnja ápr április "
        "απρ απρίλιοσ απριλίου апр апрель апреля април квіт квітень квітня кра красавік красавіка"
    ),
    (
        "beal bealtaine geg gegužė gegužės kvě květen května mag maggio mai maiatza maig maijs "
        "maio maj maja may mayo mayıs maí mei mej mejju máj "
        "mája május svi svibanj svibnja touko toukokuu toukokuuta μάι μάιοσ май мая мај трав "
        "травень травня"
    ),
    (
        "birž birželio birželis cze czerwca czerwiec eka ekaina giu giugno haz haziran iun iunie "
        "iyn iyun juin jun june junho juni junie junij "
        "junio juny juuni jún júna június júní jūn jūnijs kesä kesäkuu kesäkuuta lipanj lipnja meh "
        "mehefin meith meitheamh qer qershor xuño červen "
        "června čvn ġun ġunju ιουν ιουνίου ιούν ιούνιοσ июн июнь июня черв червень червня чэр "
        "чэрвень чэрвеня юни јун јуни"
    ),
    (
        "gor gorff gorffennaf heinä heinäkuu heinäkuuta iul iulie iyl iyul iúil juil juillet jul "
        "julai julho juli julie julij julio juliol july "
        "juuli júl júla július júlí jūl jūlijs korr korrik liep liepa liepos lipca lipiec lug "
        "luglio lul lulju srpanj srpnja tem temmuz uzt uztaila "
        "xul xullo července červenec čvc ιουλ ιουλίου ιούλ ιούλιοσ июл июль июля лип липень липня "
        "ліп ліпень ліпеня юли јул јули"
    ),
    (
        "abu abuztua ago agost agosti agosto agu agustus août aug august augusta augusti augusts "
        "augustus augusztus avg avgust avq avqust awst aww "
        "awwissu ağu ağustos d’ag d’agost elo elokuu elokuuta gush gusht kol kolovoz kolovoza lún "
        "lúnasa ogo ogos rugp rugpjūtis rugpjūčio sie "
        "sierpień sierpnia srpen srpna ágú ágúst αυγ αυγούστου αύγ αύγουστοσ авг август августа "
        "жні жнівень жніўня серп серпень серпня"
    ),
    (
        "eyl eylül ira iraila medi mfómh rugs rugsėjis rugsėjo ruj rujan rujna sen sentyabr sep "
        "sept septemba september septembra septembre "
        "septembrie septembris septiembre set setembre setembro settembre settembru sht shtator "
        "syys syyskuu syyskuuta szept szeptember wrz "
        "wrzesień września zář září σεπ σεπτέμβριοσ σεπτεμβρίου вер верасень верасня вересень "
        "вересня сент сентябрь сентября сеп септември"
    ),
    (
        "dfómh d’oct d’octubre eki ekim hyd hydref loka lokakuu lokakuuta oct october octobre "
        "octombrie octubre okt oktoba oktober oktobris "
        "oktoober oktyabr október októbra ott ottobre ottubru out outubro paź październik "
        "października spal spalio spalis tet tetor urr urria říj "
        "říjen října οκτ οκτωβρίου οκτώβριοσ жовт жовтень жовтня кас кастрычнік кастрычніка окт "
        "октомври октябрь октября"
    ),
    (
        "aza azaroa kas kasım lapkr lapkritis lapkričio listopadu marras marraskuu marraskuuta "
        "noiembrie nov novemba november novembra novembre "
        "novembris novembro novembru noviembre noy noyabr nën nëntor nóv nóvember samh samhain stu "
        "studeni studenoga tach tachwedd νοέ νοέμβριοσ "
        "νοε νοεμβρίου лист листопад листопада ліс лістапад лістапада ное ноември нояб ноябрь "
        "ноября"
    ),
    (
        "abe abendua ara aralık dec december decembra decembrie decembris decembro dek dekabr des "
        "desemba desember desembre dets detsember dez "
        "dezember dezembro dhj dhjetor dic dicembre diciembre dis disember diċ diċembru déc "
        "décembre gru grudnia grudzień gruod gruodis gruodžio "
        "joulu joulukuu joulukuuta noll nollaig pro prosinac prosinca prosince prosinec rhag "
        "rhagfyr δεκ δεκέμβριοσ δεκεμβρίου груд грудень грудня "
        "дек декабрь декабря декември сне снежань снежня"
    ),
)
MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
"""The number of a month by its name: lower case, without a point."""
