"""Lexicon: the English that is read: verbs of movement with their pace, turns, gestures, and what goes with them.

Verbs are given as lemmas; `forms` makes the rest. After a slash stand the forms that its rules would not find.
"""

from __future__ import annotations

import re
from itertools import chain

_DOUBLED = re.compile(r"[^aeiou]*(qu)?[aeiou][^aeiouwxy]")


def forms(entry: str) -> frozenset[str]:
    """Return the forms of a verb: "run/ran" gives run, runs, running, runned and ran."""
    lemma, *others = entry.split("/")
    stem = lemma[:-1] if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")) else lemma
    if _DOUBLED.fullmatch(lemma):
        stem += lemma[-1]
    third = lemma + ("es" if lemma.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")
    past = (lemma[:-1] if lemma.endswith("e") else stem) + "ed"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        third, past = lemma[:-1] + "ies", lemma[:-1] + "ied"
    return frozenset({lemma, third, stem + "ing", past, *others})


def _verbs(text: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(forms, text.split())))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(groups: dict[str, str], spread: bool = False) -> dict[str, str]:
    return {word: value for value, text in groups.items() for word in (_verbs(text) if spread else text.split())}


_THROWN = {
    "creep": "drag haul",
    "walk": "cross pass head press push shift lead come/came drift",
    "run": "speed/sped",
    "sprint": "tear/tore throw/threw/thrown burst shoot/shot storm explode fly/flew fling/flung hurl launch bound "
              "spring/sprang/sprung surge blast rocket",
}  # fmt: skip
NEED_WAY = _verbs(" ".join(_THROWN.values()))
"""Verbs that move the body only where a way follows: "tears off", "throws himself aside", not "throws a ball"."""
PACE_OF = _table(_THROWN, spread=True) | _table({
    "stand": "stand/stood stop freeze/froze/frozen halt wait idle rest pause stay remain linger loiter",
    "creep": "creep/crept sneak/snuck tiptoe crawl edge inch shuffle prowl limp sidle slink/slunk hobble trudge plod "
             "shamble totter toddle slither stalk grope skulk",
    "walk": "walk step stroll move pace march wander stride/strode sidestep/sidestepping/sidestepped go/went/gone "
            "retreat advance approach amble saunter proceed travel/travelling/travelled tread/trod roam ramble hike "
            "pad tramp traipse waddle swagger strut stagger stumble lurch wade glide strafe scoot meander mosey parade "
            "withdraw/withdrew backstep/backstepping back traverse",
    "run": "run/ran jog hurry rush trot scramble scurry hasten scamper canter lope skip scuttle hustle chase pursue "
           "zip careen barrel/barrelling/barrelled skitter backpedal/backpedalling/backpedalled",
    "sprint": "sprint flee/fled bolt dash race lunge dart charge escape dive dodge leap/leapt hurtle gallop stampede "
              "pounce evade zoom",
}, spread=True) | _table({"stand": "motionless stationary immobile standstill still"})  # fmt: skip
"""Word -> key of `intent.PACES`."""
CROSSING = _verbs("cross pass lead")
"""Of these, what may have a thing before the way: "crosses the yard to the left"."""
PUSHING = _verbs("cross pass lead press push shift come/came head")
"""Of these, what moves nobody without a way: "he leads", not "he bolts"."""
GENERIC = _verbs("move go/went/gone proceed travel/travelling/travelled head come/came step back advance")
"""Verbs whose pace another word may say: "goes running", "moves at a run"."""
STIR = _verbs("move stir budge")
"""Who does not do this stands."""
JUMPS = _verbs("jump leap/leapt hop bounce bound vault spring/sprang/sprung")
CARRIED = _verbs("roll tumble slide/slid duck hop jump bounce vault somersault cartwheel dance recoil shrink/shrank "
                 "reverse flinch jerk thrust twist")  # fmt: skip
"""Verbs that carry the body along a direction without saying a pace."""
RETREATS = _verbs("retreat recoil withdraw/withdrew backpedal/backpedalling/backpedalled backstep/backstepping back "
                  "shrink/shrank reverse")  # fmt: skip
"""Verbs that go backward where nothing else is said."""
RETURNS = _verbs("walk run/ran jog sprint go/went/gone head come/came dash race hurry rush trot")
"""With "back to" and a place these go where they came from, whichever way that is."""
TURNS = _verbs("turn spin/spun pivot rotate twist whirl wheel swivel veer curve swerve arc circle orbit bend/bent "
               "bear/bore bank whip gyrate pirouette revolve swing/swung uturn")  # fmt: skip
TURN_BY_SIDE = _verbs("bend/bent bear/bore bank twist wheel swing/swung whip")
"""Turns only where a side or "around" follows: "bears left", not "bends over"."""
GESTURES = _verbs(
    "look glance gaze stare peer watch face lean tilt bow reach point wave gesture stretch extend kick punch "
    "strike/struck thrust jab hit slap raise lift lower toss fold tuck nod shake/shook hunch arch crane cock check "
    "scan listen aim search greet clutch clasp spread flail clench hold/held squint peek scratch sway swing/swung pump "
    "bend/bent twist slump stoop sag"
)
"""Verbs whose directions are those of eyes and limbs."""
CEASE = _verbs("stop cease quit finish halt")
"""Before a word in -ing: that is no longer done."""
NOUN_STEPS = _words(
    "run walk jog sprint dash step steps stride strides trot crawl lunge leap leaps dive creep gallop lope canter "
    "shuffle bolt dodge sidestep sidesteps stroll march spring bound bounds charge limp roll hop hops jump jumps"
)
"""Nouns of movement: "takes a step", "at a run", "with quick strides"."""
STOPS = _words("stop halt standstill rest")
"""Where "to a" leads to standing."""
BEFORE_NOUN = _words("at into to in with for take takes taking took make makes making made break breaks breaking by of "
                     "give gives giving do does doing attempt attempts")  # fmt: skip

BODY = _words(
    "arm arms hand hands fist fists finger fingers thumb palm palms wrist wrists elbow elbows forearm forearms "
    "shoulder shoulders head chin neck face eye eyes gaze brow jaw mouth teeth hair ear ears chest torso trunk belly "
    "stomach waist hip hips pelvis spine leg legs thigh thighs knee knees shin shins calf calves ankle ankles foot "
    "feet heel heels toe toes sole soles limb limbs muscle muscles heart heartbeat pulse blood breath lung lungs mind "
    "thoughts weight nerves skin sweat voice"
)
ARMS = _words("arm arms hand hands elbows fists")
PERSON = _words(
    "person people someone somebody man woman boy girl he she they it human figure individual character agent actor "
    "guy lady child kid player body one subject gentleman"
)
CREATURE = _words(
    "beast beasts monster monsters animal animals creature creatures dog dogs wolf wolves bears lion bull boar horse "
    "enemy enemies attacker attackers predator threat npc opponent foe pursuer"
)
THINGS = _words("wall walls door gate tower obstacle rock tree pillar fence cliff edge barrier object column building "
                "river road")  # fmt: skip
DETERMINERS = _words("the a an his her their its your my our one another each every some any")
POSSESSIVES = _words("his her their its your my our")
RELATIVES = _words("that which who")
AUXILIARIES = _words("is are was were be been being has have had does do did will would can could both")
ADJECTIVES = _words(
    "far hard sharp straight slight little bit quick full sudden tight wide slow half small big short long great "
    "steady careful immediate very few two three several more further steep gentle light brisk single final last "
    "desperate frantic panicked wild clumsy graceful powerful stiff swift fast hasty nervous walking running same "
    "opposite"
)
WAYS = _words("toward towards away off out into through across along past over aside sideways on onward up down apart "
              "at for to from forth round around back")  # fmt: skip
"""Words that are or open a way, besides the directions themselves."""
SELF = _words("himself herself itself themselves themself oneself myself yourself")

DIRECTION_OF = _table({
    "forward": "forward forwards ahead straight onward onwards frontward frontwards front",
    "backward": "backward backwards back rearward rearwards reverse rear",
    "left": "left leftward leftwards port",
    "right": "right rightward rightwards starboard",
})  # fmt: skip
ONLY_BEHIND_TO = _words("front rear reverse port starboard")
"""Directions only in "to the rear", "in reverse", "to port"."""
OF_THE_SPINE = _words("against straight arched pressed flat hunched turned bent muscles")
"""What follows the "back" that is a part of the body."""
CLOCKWISE = {"clockwise": "right", "counterclockwise": "left", "anticlockwise": "left"}
TO = _words("to toward towards into for")
NOT_TO = _words("on from at of by near along against past off with in behind under beside")
IDIOMS_OF_RIGHT = _words("now away there here through past up down back off ahead behind beside")
"""What follows a "right" that is no side: "right away", "right behind"."""
AROUND = _words("around about round 180")

SUBORDINATE = _words("while as because since whilst to")
"""What follows is done beside the main thing, or for its sake."""
OTHER_TIME = _words("before after until till when whenever if once unless")
"""What follows is done at another time, if at all."""
BREAKS = SUBORDINATE - {"to"} | OTHER_TIME | _words("then but and")
NEGATIONS = _words("not without never no dont cannot avoid avoids avoiding avoided than non nor neither refuses "
                   "refusing refuse")  # fmt: skip
NOT_YET = _words("ready about prepared poised set preparing prepares wants wanting waiting waits wait unable afraid")
"""Before "to": the body does not do it yet."""
SLOWER = _words(
    "slowly slow careful carefully cautious cautiously gingerly quietly stealthily sluggishly sluggish wearily lazily "
    "hesitantly timidly barely hardly scarcely tentatively haltingly caution stealth"
)
FASTER = _words("fast quick quickly briskly hastily rapidly swiftly hurriedly speedily rapid haste")
AT_FULL = _words("speed sprint tilt pelt pace throttle gallop")
"""What makes a "full" or "top" before it mean fast."""

INTENSITY = {
    word: level
    for level, text in {
        0.05: "limp tired exhausted sleepy listless weary wearily weak weakly drowsy lethargic sluggish worn",
        0.15: "calm calmly relaxed relaxing relaxes loosely loose gently gentle peacefully peaceful easy easily "
              "relieved "
              "softly casually casual leisurely steady serene serenely unhurried unhurriedly lazily idly content ease",
        0.3: "curious curiously slowly quietly careful carefully interested thoughtful thoughtfully",
        0.45: "alert wary warily watchful cautious cautiously guarded tense tensely nervous nervously uneasy uneasily "
              "ready suspicious vigilant hesitant hesitantly worried",
        0.7: "afraid scared frightened fearful fear anxious anxiously urgent urgently startled hurried hurriedly "
             "quickly "
             "fast hard angry angrily dread alarmed alarm distressed furious furiously fierce fiercely forceful "
             "forcefully vigorous vigorously energetic energetically powerful powerfully haste urgency violent "
             "violently",
        0.95: "panic panicked panicking panicky terror terrified blind frantic frantically wildly wild desperate "
              "desperately desperation screaming horror horrified hysterical hysterically frenzied frenzy explosive "
              "explosively",
    }.items()
    for word in text.split()
}  # fmt: skip
"""Words of energy and feeling -> 0 (limp) to 1 (blind panic)."""
LOW = _verbs("crouch crawl duck cower squat kneel/knelt stoop huddle hunker sit/sat lie/lay/lying/lies collapse "
             "grovel") \
    | _words("hunched prone supine fours")  # fmt: skip
LOW_VERBS = _verbs("stay keep/kept bend/bent crouch squat duck get/getting hunker")
"""Before a "low" that is the whole body's."""
BESIDE_LOW = _words("stance posture crouch to and down squat")
FALL, FALLEN = _verbs("fall/fell/fallen drop sink/sank go tumble"), _words("ground floor knees knee down")
WIDE = _words("wide spread outstretched outspread splayed flailing sideways")
UP = _words("up raised high overhead lifted aloft skyward above air upward upwards")
WIDENS = _words("spread spreads spreading flail flails flailing outstretched outspread splayed wide")
RAISES = _words("raise raises raising lift lifts lifting raised lifted")
"""Before the arms: what is done with them, as WIDE and UP stand behind them."""
THROWN = _words("thrown flung throw throws throwing fling flings flinging")

# Words that are passed over when looking to the left or right of a place.
BETWEEN = DETERMINERS | ADJECTIVES
BEFORE_A_NOUN = ADJECTIVES | INTENSITY.keys() | DIRECTION_OF.keys()
BEFORE_A_SIDE = BETWEEN | {"front", "back", "rear"}
BEFORE_A_LIMB = BETWEEN | {"both", "left", "right", "upper", "lower"}
AFTER_A_DENIAL = AUXILIARIES | DETERMINERS | {"longer", "ever", "even", "once"}
BEFORE_A_VERB = AUXILIARIES | PERSON
OF_HASTE = FASTER | SLOWER | ADJECTIVES
NOUNS_OF_MOVEMENT = TURNS | NOUN_STEPS
ENDING_A_CLAUSE = BREAKS - {"and"}
SIDES = _words("left right leftward leftwards rightward rightwards port starboard") | AROUND | CLOCKWISE.keys()
NOT_A_SUBJECT = PERSON | BODY
SEEN_THINGS = THINGS | CREATURE
