"""The two learnable tasks of the samples. Their generators know which tokens decide each answer."""

import numpy as np

LENGTH = 16
VOCABULARY = 64  # 0 is padding, 1 negates, 2-17 are cues, the rest says nothing
NEGATION = 1
NEGATIVE_CUES = range(2, 10)
POSITIVE_CUES = range(10, 18)
FILLERS = range(18, VOCABULARY)


def sentiment(count, seed):
    """Sentences of fillers with at most one cue, which a negation right before it turns round.

    Class 0 is negative, 1 neutral (no cue), 2 positive. A negation elsewhere means nothing.
    Returns tokens [count, LENGTH], classes [count] and, for each sample, the positions that decide (none when neutral).
    """
    random = np.random.default_rng(seed)
    tokens = np.zeros((count, LENGTH), np.int32)
    classes = np.zeros(count, np.int32)
    deciding = []
    for row in range(count):
        length = int(random.integers(8, LENGTH + 1))
        tokens[row, :length] = random.choice(FILLERS, length)
        kind = int(random.integers(3))
        place = int(random.integers(1, length))
        is_negated = kind != 1 and random.random() < 0.4
        if kind != 1:
            tokens[row, place] = random.choice(POSITIVE_CUES if kind == 2 else NEGATIVE_CUES)
        if is_negated:
            tokens[row, place - 1] = NEGATION
        elif random.random() < 0.3:
            elsewhere = [p for p in range(length - 1) if p != place and p + 1 != place]
            tokens[row, random.choice(elsewhere)] = NEGATION
        classes[row] = 2 - kind if is_negated else kind
        deciding.append([] if kind == 1 else [place - 1, place] if is_negated else [place])
    return tokens, classes, deciding


def order(count, seed):
    """Full sentences with one negative and one positive cue: the class says which of them comes first."""
    random = np.random.default_rng(seed)
    tokens = random.choice(FILLERS, (count, LENGTH)).astype(np.int32)
    classes = random.integers(2, size=count).astype(np.int32)
    deciding = []
    for row in range(count):
        first, second = sorted(random.choice(LENGTH, 2, replace=False).tolist())
        cues = (NEGATIVE_CUES, POSITIVE_CUES) if classes[row] == 0 else (POSITIVE_CUES, NEGATIVE_CUES)
        tokens[row, first], tokens[row, second] = random.choice(cues[0]), random.choice(cues[1])
        deciding.append([first, second])
    return tokens, classes, deciding
