"""Words that mean the same to customers of the demo retailer, by language."""

SYNONYMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("jacket", "coat"), ("trousers", "pants"), ("backpack", "rucksack", "daypack"),
        ("sweater", "jumper", "pullover"),
        ("beanie", "hat", "cap"), ("boots", "hiking shoes"), ("mug", "cup"), ("flask", "thermos"),
        ("torch", "headlamp"),
        ("t-shirt", "tee"),
    ),
    "sl": (
        ("jakna", "plašč"), ("nahrbtnik", "ruksak"), ("pulover", "jopa"), ("kapa", "čepica"), ("skodelica", "lonček"),
        ("čevlji", "obutev"), ("termovka", "termo steklenica"),
    ),
    "pl": (
        ("kurtka", "płaszcz"), ("plecak", "tornister"), ("sweter", "pulower"), ("kubek", "filiżanka"),
        ("buty", "obuwie"), ("termos", "butelka termiczna"),
    ),
    "hr": (
        ("jakna", "kaput"), ("ruksak", "naprtnjača"), ("pulover", "džemper"), ("šalica", "lončić"), ("cipele", "obuća"),
        ("termosica", "termos boca"),
    ),
    "hu": (
        ("kabát", "dzseki"), ("hátizsák", "hátitáska"), ("pulóver", "szvetter"), ("bögre", "csésze"),
        ("cipő", "lábbeli"), ("termosz", "hőpalack"),
    ),
}  # fmt: skip
