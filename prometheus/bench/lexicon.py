"""Lexicon: the English by which the rubric reads feeling, manner, body parts and kinds of response in a MOTION."""

from __future__ import annotations

from prometheus.language.lexicon import forms


def _spread(text: str) -> frozenset[str]:
    """Every form of each verb of a text; see `prometheus.language.lexicon.forms`."""
    return frozenset(form for entry in text.split() for form in forms(entry))


FEELING: dict[str, int] = {
    word: step
    for step, words in enumerate(
        (
            "calm calmly relaxed relaxedly peaceful peacefully serene serenely tranquil tranquilly untroubled composed "
            "content contented contentedly placid placidly carefree leisurely leisure unhurried unhurriedly casual "
            "casually unworried unconcerned easygoing mellow comfortable comfortably ease happily happy cheerful "
            "cheerfully",
            "curious curiously curiosity interested interest intrigued inquisitive inquisitively wondering wonder "
            "relieved relief fascinated puzzled questioning",
            "alert alertly alertness wary warily wariness cautious cautiously caution tense tensely watchful "
            "watchfully vigilant vigilantly vigilance guarded guardedly nervous nervously uneasy uneasily unease "
            "anxious anxiously apprehensive apprehensively suspicious suspiciously worried worriedly concerned edgy "
            "mistrustful",
            "afraid fear fearful fearfully scared frightened fright alarmed alarm dread dreading trembling shaking "
            "startled shaken spooked",
            "panic panicked panicking panicky panicstricken terror terrified terrorized horrified horror frantic "
            "frantically hysterical hysterically desperate desperately petrified hysteria",
        )
    )
    for word in words.split()
}
"""Word of a feeling -> step of `level.LADDER`."""

PARTS = frozenset(
    "arm arms hand hands palm palms fist fists finger fingers elbow elbows wrist wrists shoulder shoulders head chin "
    "neck face eye eyes gaze mouth jaw brow chest back spine torso trunk waist belly stomach hip hips leg legs knee "
    "knees thigh thighs shin shins ankle ankles foot feet heel heels toe toes body muscles breath lungs".split()
)
"""Parts of a body; "back" counts only after a possessive or an article (see `reading`)."""

MANNERS = frozenset(
    "hard softly soft gently gentle loosely loose lightly light heavily heavy firmly firm tightly tight stiffly stiff "
    "rigid rigidly sharply sharp smoothly smooth steadily steady slowly slow quickly quick swiftly swift fast rapidly "
    "rapid briskly brisk suddenly abruptly wildly wild blindly blind clumsily awkwardly gracefully quietly quiet "
    "silently silent noisily loudly eagerly hesitantly hesitant tentatively carefully careful boldly bold proudly "
    "politely polite warmly kindly powerfully forcefully violently violent furiously fiercely low lowered high raised "
    "wide spread bent hunched crouched braced clenched upright straight heaving pumping flailing driving swinging "
    "dragging stumbling trembling quaking trotting bouncing springy limp weary wearily tired tiredly sheer full deep "
    "deeply open outstretched tucked ready intently fixed searching busily weakly strongly evenly unsteadily "
    "unsteady shallow sinking dropping tall small short long close even easily easy nimbly nimble measured "
    "deliberate deliberately restless restlessly sideways flat crossed folded held thrown drawn".split()
)
"""Words that tell how something is done or held."""

RESPONSES: dict[str, frozenset[str]] = {
    "flee": _spread(
        "flee/fled escape bolt sprint dash run/ran race rush bound scramble leap/leapt dive launch hurl tear/tore dart "
        "dodge evade scurry hurry charge"
    ),
    "guard": _spread(
        "guard watch brace retreat withdraw/withdrew back backpedal crouch sneak/snuck creep/crept tiptoe sidle edge "
        "freeze/froze/frozen hide/hid shield cower defend observe eye track listen circle monitor halt prowl slink"
    ),
    "yield": _spread("yield step sidestep move shift let give/gave make/made clear dodge stand/stood wait pause"),
    "greet": _spread("greet nod wave smile bow welcome salute acknowledge beckon hail grin gesture"),
    "ignore": _spread(
        "walk stroll continue go/went saunter amble wander stand/stood rest stay carry proceed wait pass"
    ),
}
"""Kind of response -> the verbs that show it."""

DEEDS = _spread(
    "look search turn breathe kneel/knelt sit/sat lie/lay catch/caught gather listen glance scan stare rise/rose "
    "hold/held keep/kept straighten relax slow tremble shake/shook peer lean reach lift lower collapse settle"
)
"""Further verbs that make a sentence one."""

HUSHED = frozenset("no not never without nothing isn't aren't doesn't don't less hardly barely".split())
"""Words that deny what follows them."""
