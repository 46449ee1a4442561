"""The vocabulary of the captions: verbs, directions, people, feelings, in the forms that sentences are built of.

A verb is (third person, imperative, -ing form). Words for the left stand here; those for the right are their mirror
image (`swap_words`), so that both sides have the same wealth of words.
"""

from __future__ import annotations

import re

Verb = tuple[str, str, str]

_SIDES = {"left": "right", "right": "left", "clockwise": "counterclockwise", "counterclockwise": "clockwise",
          "port": "starboard", "starboard": "port"}  # fmt: skip


def swap_words(text: str) -> str:
    """Exchange left and right in a sentence."""
    return re.sub(
        r"\b(counterclockwise|clockwise|left|right|port|starboard)(?=(wards?|ward|-|\b|handed))",
        lambda m: _SIDES[m[1].lower()], text, flags=re.IGNORECASE,
    )  # fmt: skip


def _forms(*verbs: str) -> tuple[Verb, ...]:
    """Verbs in three forms from "walks walk walking" or, with more words after, "walks/walk/walking with care"."""
    out = []
    for verb in verbs:
        head, _, rest = verb.partition(" ")
        forms = tuple(f"{form} {rest}".strip() for form in head.split("/"))
        out.append((forms[0], forms[1], forms[2]))
    return tuple(out)


_LEFT = (
    "to the left", "to the left", "to the left", "left", "left", "sideways to the left", "leftward", "leftwards",
    "to the left side", "off to the left", "over to the left", "to {his} left", "toward the left", "sideways left",
    "out to the left", "to the left-hand side", "left, sideways", "to port",
)  # fmt: skip
_AHEAD_LEFT = (
    "forward and to the left", "forward and to the left", "diagonally forward to the left", "ahead and to the left",
    "forward-left", "forward left", "diagonally forward and left", "to the front left", "forward and left",
    "to the left and forward", "at a slant, forward and to the left", "ahead and left",
)  # fmt: skip
_BACK_LEFT = (
    "backward and to the left", "backward and to the left", "diagonally backward to the left", "back and to the left",
    "backward-left", "backward left", "diagonally backward and left", "to the back left", "backwards and left",
    "to the left and backward", "at a slant, backward and to the left",
)  # fmt: skip
WHERE: dict[str, tuple[str, ...]] = {
    "forward": ("forward", "forward", "ahead", "straight ahead", "forwards", "straight forward", "onward",
                "straight on", "straight", "to the front", "forward in a straight line"),
    "forward-left": _AHEAD_LEFT,
    "left": _LEFT,
    "backward-left": _BACK_LEFT,
    "backward": ("backward", "backward", "backwards", "straight backward", "in reverse, backward", "back",
                 "straight back", "rearward", "backward, still facing forward"),
}  # fmt: skip
WHERE |= {
    name.replace("left", "right"): tuple(map(swap_words, words)) for name, words in WHERE.items() if "left" in name
}

VERBS: dict[str, tuple[Verb, ...]] = {
    "creep": _forms(
        "creeps/creep/creeping", "creeps/creep/creeping", "edges/edge/edging", "inches/inch/inching",
        "walks/walk/walking slowly", "walks/walk/walking slowly", "steps/step/stepping slowly",
        "moves/move/moving carefully", "moves/move/moving slowly", "walks/walk/walking very slowly",
        "steps/step/stepping gingerly", "walks/walk/walking cautiously", "walks/walk/walking with small slow steps",
        "paces/pace/pacing slowly", "advances/advance/advancing slowly", "trudges/trudge/trudging",
        "plods/plod/plodding",
    ),
    "walk": _forms(
        "walks/walk/walking", "walks/walk/walking", "walks/walk/walking", "walks/walk/walking", "moves/move/moving",
        "steps/step/stepping", "strolls/stroll/strolling", "strides/stride/striding", "goes/go/going",
        "marches/march/marching", "ambles/amble/ambling", "saunters/saunter/sauntering", "wanders/wander/wandering",
        "paces/pace/pacing", "heads/head/heading", "walks/walk/walking at a steady pace",
        "moves/move/moving at a walk", "travels/travel/travelling at a walking pace", "makes/make/making a few steps",
        "takes/take/taking steps",
    ),
    "run": _forms(
        "runs/run/running", "runs/run/running", "runs/run/running", "runs/run/running", "jogs/jog/jogging",
        "hurries/hurry/hurrying", "rushes/rush/rushing", "trots/trot/trotting", "scrambles/scramble/scrambling",
        "scurries/scurry/scurrying", "hastens/hasten/hastening", "moves/move/moving at a run",
        "lopes/lope/loping", "scampers/scamper/scampering", "walks/walk/walking fast, almost a run",
        "goes/go/going at a run", "moves/move/moving quickly", "heads/head/heading at a run",
    ),
    "sprint": _forms(
        "sprints/sprint/sprinting", "sprints/sprint/sprinting", "sprints/sprint/sprinting", "dashes/dash/dashing",
        "bolts/bolt/bolting", "races/race/racing", "launches/launch/launching", "charges/charge/charging",
        "darts/dart/darting", "tears/tear/tearing", "runs/run/running fast", "runs/run/running at full speed, fast",
        "runs/run/running as fast as possible", "hurtles/hurtle/hurtling", "rockets/rocket/rocketing",
        "bursts/burst/bursting into a sprint", "goes/go/going at a full sprint", "moves/move/moving at a sprint",
    ),
}  # fmt: skip
QUIET = _forms(
    "sneaks/sneak/sneaking", "sneaks/sneak/sneaking quietly", "tiptoes/tiptoe/tiptoeing", "creeps/creep/creeping",
    "creeps/creep/creeping on the toes", "prowls/prowl/prowling", "slinks/slink/slinking",
    "walks/walk/walking stealthily",
)  # fmt: skip
WEARY = _forms(
    "trudges/trudge/trudging", "plods/plod/plodding", "shuffles/shuffle/shuffling", "drags/drag/dragging the feet",
    "shambles/shamble/shambling", "walks/walk/walking wearily",
)  # fmt: skip
SIDE = {
    "creep": _forms("sidesteps/sidestep/sidestepping slowly", "shuffles/shuffle/shuffling", "sidles/sidle/sidling",
                    "edges/edge/edging", "side-steps/side-step/side-stepping slowly"),
    "walk": _forms("sidesteps/sidestep/sidestepping", "sidesteps/sidestep/sidestepping", "steps/step/stepping",
                   "side-steps/side-step/side-stepping", "walks/walk/walking sideways", "takes/take/taking side steps",
                   "moves/move/moving sideways"),
    "run": _forms("runs/run/running sideways", "skips/skip/skipping sideways", "gallops/gallop/galloping sideways",
                  "hurries/hurry/hurrying sideways"),
    "sprint": _forms("launches/launch/launching sideways", "bolts/bolt/bolting sideways", "darts/dart/darting sideways",
                     "dashes/dash/dashing sideways"),
}  # fmt: skip
# These say backward by themselves.
BACK = {
    "creep": _forms("backs/back/backing away slowly", "steps/step/stepping back slowly", "creeps/creep/creeping back",
                    "edges/edge/edging back", "backs/back/backing off slowly", "retreats/retreat/retreating slowly"),
    "walk": _forms("backs/back/backing away", "steps/step/stepping back", "retreats/retreat/retreating",
                   "walks/walk/walking back", "backs/back/backing up", "backs/back/backing off",
                   "gives/give/giving ground backward", "walks/walk/walking in reverse, backward"),
    "run": _forms("backpedals/backpedal/backpedaling", "runs/run/running back", "hurries/hurry/hurrying back",
                  "backs/back/backing away quickly", "jogs/jog/jogging back"),
    "sprint": _forms("sprints/sprint/sprinting back", "bolts/bolt/bolting back", "flees/flee/fleeing backward"),
}  # fmt: skip
FLEE = _forms("flees/flee/fleeing", "flees/flee/fleeing", "bolts/bolt/bolting", "escapes/escape/escaping",
              "runs/run/running for dear life, fast")  # fmt: skip
STAND = _forms(
    "stands/stand/standing still", "stands/stand/standing still", "stands/stand/standing", "waits/wait/waiting",
    "stays/stay/staying still", "stands/stand/standing in place", "stands/stand/standing motionless",
    "stays/stay/staying in place", "remains/remain/remaining still", "stands/stand/standing upright",
    "is/be/being still", "does/do/doing nothing", "rests/rest/resting on the feet", "holds/hold/holding still",
    "idles/idle/idling",
)  # fmt: skip
STOP = _forms(
    "stops/stop/stopping", "stops/stop/stopping", "comes/come/coming to a stop", "halts/halt/halting",
    "freezes/freeze/freezing", "stops/stop/stopping suddenly",
    "pauses/pause/pausing", "comes/come/coming to rest", "stops/stop/stopping short", "slows/slow/slowing to a halt",
)  # fmt: skip
TURN = _forms(
    "turns/turn/turning left", "turns/turn/turning left", "turns/turn/turning to the left",
    "spins/spin/spinning to the left", "pivots/pivot/pivoting left", "rotates/rotate/rotating to the left",
    "turns/turn/turning leftward", "turns/turn/turning on the spot to the left", "turns/turn/turning in place, left",
    "turns/turn/turning to face left", "swings/swing/swinging round to the left", "twists/twist/twisting to the left",
    "turns/turn/turning counterclockwise",
)  # fmt: skip
AROUND = _forms(
    "turns/turn/turning around", "turns/turn/turning around", "spins/spin/spinning around",
    "turns/turn/turning left, all the way around", "whirls/whirl/whirling around",
    "turns/turn/turning around to the left", "makes/make/making a half turn to the left",
    "turns/turn/turning left to face the other way", "turns/turn/turning about, to the left",
)  # fmt: skip
TURN_AND = ("turns to the left and {}", "turns left and {}", "turns left, then {}", "turns to the left, then {}")
AROUND_AND = ("turns around and {}", "turns around to the left and {}", "turns around, then {}")
CURVE = (
    "turning left", "turning to the left", "curving to the left", "veering left", "in a curve to the left",
    "swerving left", "bending round to the left", "arcing left", "bearing left in a curve",
)  # fmt: skip
START = ("starts to {1}", "begins to {1}", "sets off {2}", "starts {2}", "begins {2}")
FASTER = {"walk": ("speeds up to a walk",), "run": ("breaks into a run", "speeds up and runs", "starts running"),
          "sprint": ("breaks into a sprint", "speeds up and sprints", "accelerates into a sprint")}  # fmt: skip
SLOWER = {"creep": ("slows to a creep", "slows down and creeps"),
          "walk": ("slows to a walk", "slows down and walks", "drops to a walk"),
          "run": ("slows to a jog", "slows to a run", "drops to a jog")}  # fmt: skip

MOODS = {
    "panic": ("in blind panic", "in panic", "panicking", "terrified", "in terror", "frantically", "wild with panic",
              "panic-stricken", "screaming in terror", "desperately"),
    "afraid": ("afraid", "frightened", "in fear", "scared", "anxiously", "fearful", "full of fear", "startled"),
    "wary": ("warily", "cautiously", "on guard", "alert", "carefully", "watchful", "wary", "careful not to be heard"),
    "alert": ("alert", "watchful", "tense and ready", "on guard", "tense", "wary", "ready for anything"),
    "calm": ("calmly", "relaxed", "at ease", "loosely", "calm", "gently", "peacefully", "unhurried", "in a calm mood"),
    "tired": ("exhausted", "tired", "limp", "wearily", "worn out", "shoulders drooping"),
    "urgent": ("urgently", "hurriedly", "in a hurry", "in haste", "with urgency"),
    "curious": ("curious", "curiously", "interested"),
}  # fmt: skip
ARMS = {
    "wide": ("arms thrown wide", "arms spread wide", "with arms wide", "arms flung wide", "arms outstretched",
             "both arms stretched out wide", "arms flailing wide"),
    "up": ("arms up", "arms raised high", "with the arms up", "arms thrown up", "both arms up in the air",
           "hands high over the head"),
    "guard": ("hands raised", "hands up in front of the chest", "hands raised to guard", "arms raised to guard",
              "hands up", "hands held out in front"),
    "cover": ("arms over the head", "covering the head with both arms", "hands shielding the head",
              "both arms shielding the head", "arms raised over the head"),
    "wave": ("waving", "waving one hand", "raising one hand to greet", "waving the left hand", "with the left hand up, "
             "waving", "greeting with one hand"),
    "pump": ("arms pumping", "arms pumping hard", "elbows bent, arms pumping", "fists clenched, arms pumping"),
}  # fmt: skip
LOW = ("crouched low", "crouching", "staying low", "in a crouch", "knees bent, crouched", "bent low", "crouched down")
HUNCH = ("hunched over", "bent over", "hunched", "stooped")
LEGS = ("legs driving hard", "legs pumping", "knees high", "legs driving", "feet pounding")
LOOK = ("looking around", "looking around warily", "looking from side to side", "glancing around", "eyes searching",
        "looking about", "head turning slowly")  # fmt: skip
MOVES: dict[str, tuple[Verb, ...]] = {
    "duck": _forms("ducks/duck/ducking", "ducks/duck/ducking down", "crouches/crouch/crouching down",
                   "drops/drop/dropping into a crouch", "ducks/duck/ducking for cover"),
    "cower": _forms("cowers/cower/cowering", "crouches/crouch/crouching, cowering", "cowers/cower/cowering in fear",
                    "freezes/freeze/freezing, cowering", "huddles/huddle/huddling down",
                    "shrinks/shrink/shrinking down, cowering"),
    "crouch": _forms("crouches/crouch/crouching", "stays/stay/staying crouched", "squats/squat/squatting low",
                     "crouches/crouch/crouching low", "stands/stand/standing in a crouch"),
    "rise": _forms("stands/stand/standing up", "rises/rise/rising to the feet",
                   "straightens/straighten/straightening up", "gets/get/getting up from the crouch"),
    "recoil": _forms("recoils/recoil/recoiling", "staggers/stagger/staggering", "flinches/flinch/flinching",
                     "stumbles/stumble/stumbling", "reels/reel/reeling", "jerks/jerk/jerking"),
    "dodge": _forms("dodges/dodge/dodging", "leaps/leap/leaping", "darts/dart/darting", "dodges/dodge/dodging",
                    "jumps/jump/jumping aside", "lunges/lunge/lunging"),
    "lunge": _forms("lunges/lunge/lunging", "lunges/lunge/lunging", "dashes/dash/dashing", "thrusts/thrust/thrusting"),
    "relax": _forms("calms/calm/calming down", "stands/stand/standing, relaxing",
                    "relaxes/relax/relaxing", "stands/stand/standing still, catching the breath",
                    "stands/stand/standing, relieved"),
    "look": _forms("looks/look/looking around", "stands/stand/standing, looking around",
                   "looks/look/looking from side to side", "glances/glance/glancing around",
                   "stands/stand/standing still, looking around", "looks/look/looking about",
                   "stands/stand/standing still, head turning slowly"),
    "wave": _forms("waves/wave/waving", "waves/wave/waving one hand", "stands/stand/standing, waving",
                   "waves/wave/waving hello", "waves/wave/waving the left hand", "greets/greet/greeting with one hand",
                   "stands/stand/standing still, waving one hand", "raises/raise/raising the left hand, waving"),
    "limp": _forms("limps/limp/limping", "limps/limp/limping", "hobbles/hobble/hobbling",
                   "limps/limp/limping on the left leg", "drags/drag/dragging the left leg",
                   "walks/walk/walking with a limp"),
    "hop": _forms("hops/hop/hopping", "hops/hop/hopping with both feet", "jumps/jump/jumping", "leaps/leap/leaping",
                  "jumps/jump/jumping with both feet", "bounces/bounce/bouncing"),
    "jump": _forms("jumps/jump/jumping", "jumps/jump/jumping up", "jumps/jump/jumping up and down",
                   "hops/hop/hopping in place", "jumps/jump/jumping on the spot", "bounces/bounce/bouncing in place"),
    "fall": _forms("falls/fall/falling", "falls/fall/falling to the ground", "collapses/collapse/collapsing",
                   "falls/fall/falling down", "tumbles/tumble/tumbling to the ground",
                   "drops/drop/dropping to the ground"),
    "lie": _forms("lies/lie/lying on the ground", "lies/lie/lying still", "lies/lie/lying on the floor",
                  "stays/stay/staying on the ground, lying"),
    "getup": _forms("gets/get/getting up", "gets/get/getting up from the ground", "rises/rise/rising from the ground",
                    "gets/get/getting back to the feet", "stands/stand/standing up from the floor"),
    "crawl": _forms("crawls/crawl/crawling", "crawls/crawl/crawling on hands and knees",
                    "crawls/crawl/crawling on all fours"),
}  # fmt: skip
STILL_MOVES = {"duck", "cower", "crouch", "rise", "relax", "look", "wave", "jump", "fall", "lie", "getup"}
"""Moves that name no direction."""
WHO = ("a person", "a person", "a person", "a person", "someone", "the person", "a man", "the man", "a woman", "she",
       "he", "the figure", "a figure", "somebody", "a human")  # fmt: skip
KIND_TEXTS = {
    "climb": ("climbs",), "dance": ("dances", "is dancing"),
    "gesture": ("gestures with the arms", "moves the arms while standing"), "sneak": ("sneaks", "creeps stealthily"),
    "martial_arts": ("practises martial arts", "performs a karate form"), "acrobatics": ("does acrobatics",),
    "punch_kick": ("fights the air",), "jump": ("jumps", "leaps"), "ball": ("dribbles a ball",),
    "reach": ("reaches up",), "exercise": ("exercises",), "jump_turn": ("jumps and turns",),
    "soccer_kick": ("kicks a ball",), "bend_pick": ("bends down",), "zombie": ("walks like a zombie",),
    "fall_getup": ("gets up from the ground", "rises from the floor"),
    "crawl": ("crawls", "crawls on hands and knees", "is crawling on all fours"), "household": ("uses the hands",),
    "sit_stand": ("sits down and stands up",),
}  # fmt: skip
LABEL_TEXTS = {
    "laugh": ("laughs", "laughs out loud, bending over"), "boxing": ("boxes", "throws punches"),
    "wash windows": ("washes a window",), "backflip": ("does a backflip",), "cartwheel": ("does a cartwheel",),
    "direct traffic": ("directs traffic with the arms",), "drink soda": ("drinks from a bottle",),
    "basketball signals": ("gives hand signals like a referee",), "kick ball": ("kicks a ball",),
    "sit on": ("sits down on a stool and stands up",), "jump up to grab": ("jumps up and reaches high",),
    "jumping jacks": ("does jumping jacks and exercises",), "forward roll": ("rolls forward over the ground",),
    "side flip": ("does a side flip",), "kick": ("kicks",), "punch": ("punches",), "spin kick": ("does a spin kick",),
    "spin in the air": ("spins in the air",), "get up facedown": ("gets up from lying face down",),
    "get up faceup": ("gets up from lying face up",), "gets up from": ("gets up from the ground",),
    "crawls": ("crawls forward on hands and knees", "crawls ahead on all fours"),
    "dribble": ("dribbles a basketball",),
    "waves hello": ("waves hello",), "dab": ("performs a dab",), "sword": ("swings a sword",),
    "cartwheels": ("does cartwheels",), "forward jump": ("jumps forward",), "jump forward": ("jumps forward",),
}  # fmt: skip
