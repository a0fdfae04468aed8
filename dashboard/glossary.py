"""What the page's terms mean: one sentence each, for someone who has never met them.

``dashboard.components.markup.term`` shows a term with its sentence as a tooltip; ``dashboard.components.panes.tips``
gives the sentence to a control, whose label is plain text.
"""

__all__ = ["GLOSSARY", "meaning"]

GLOSSARY: dict[str, str] = {
    # What is asked
    "bona fide": "Real speech: a recording of a person, not made or changed by a machine.",
    "spoof": "Speech that a machine made, converted or re-synthesised.",
    "attack": "The system that made a spoof: a text-to-speech, voice conversion, vocoder or codec system.",
    "label": "What a clip really is, as the corpus states it: bona fide or spoof.",
    "P(spoof)": "Probability that the clip is a spoof, from 0 to 1, at the prior that is named beside it.",
    "prior": "How likely a spoof is taken to be before the clip is scored: 0.50 favours no class, less real speech.",
    "log-likelihood ratio": "How many times likelier the score is for real speech than for a spoof, as a natural "
    "logarithm: above 0 speaks for real speech.",
    "not sure": "The third answer: the score lies where the detector is too often wrong to say either.",
    "threshold": "The P(spoof) from which on a clip is called spoof; moving it trades false alarms for misses.",
    "verdict": "The panel's answer: probably bona fide, probably spoofed, or not sure.",
    "segment": "A stretch of the clip that is marked as spoofed: P(spoof) over time passes the threshold drawn.",
    # Who answers
    "detector": "A trained model that scores how much a clip sounds like real speech.",
    "panel": "The detectors whose combined score is the verdict.",
    "panel member": "A detector whose score counts in the verdict.",
    "architecture": "The kind of model: its layers and how they are connected.",
    "front-end": "The step that turns sound into the numbers a model reads, such as a spectrogram.",
    "parameters": "How many numbers a model learnt in training; more is larger, not necessarily better.",
    "embedding": "The numbers inside a detector that describe a clip just before it is scored.",
    # What is tried
    "noise floor": "How loud the recording is where nobody speaks: in each frequency the level below which a tenth "
    "of it lies.",
    # How good it is
    "false alarm": "Real speech that was called spoof.",
    "false alarm rate": "Share of the real clips that were called spoof.",
    "miss": "A spoof that was called real.",
    "miss rate": "Share of the spoofs that were called real.",
    "accuracy": "Share of all clips that were called rightly; it depends on how many of each class there are.",
    "precision": "Of the clips called spoof, the share that are spoofs.",
    "recall": "Of the spoofs, the share that were called spoof.",
    "F1": "One figure for precision and recall together (their harmonic mean): 1 is perfect.",
    "EER": "Equal error rate: the share of errors at the threshold where false alarms and misses are equally frequent; "
    "0 % is perfect, 50 % is chance.",
    "set by cost": "Move the threshold to where calling a clip spoof begins to cost less, if P(spoof) is calibrated.",
    "corrected p": "The chance that the most striking of all slices looked at would be this striking if the detector "
    "erred alike everywhere.",
    "at EER": "Move the threshold to where false alarms and misses are equally frequent on the clips shown.",
    "AUC": "Chance that a random real clip scores higher than a random spoof: 1 is perfect, 0.5 is guessing.",
    "DET": "Detection error trade-off: the curve of misses against false alarms over all thresholds; nearer to the "
    "lower left is better.",
    "min DCF": "Lowest detection cost over all thresholds, as ASVspoof 5 weighs the two errors: 0 is perfect, 1 is "
    "useless.",
    "act DCF": "Detection cost at the threshold that a well calibrated score would use: 0 is perfect, 1 is useless.",
    "Cllr": "Cost of the scores as probabilities, in bits: 0 is perfect, 1 carries no information, more misleads.",
    "calibration": "Turning a detector's raw output into a probability that holds on clips it was not trained on.",
    "95 % interval": "Where the figure would lie in 95 of 100 repetitions with other speakers and recordings.",
    "bootstrap": "Drawing speakers and recordings again and again at random to see how much a figure varies.",
    "polarity": "Which way a raw output points; for one-class models it is learnt on separate clips.",
    # Which clips
    "slice": "Which clips are counted: all, those of attacks seen or unseen in training, or those published elsewhere.",
    "all": "All clips of the run.",
    "seen attacks": "Spoofs by systems that the detector was trained on, against all real clips.",
    "unseen attacks": "Spoofs by systems that the detector was not trained on, against all real clips.",
    "published": "Clips from public demonstration pages: unfamiliar systems, voices and rooms.",
    "held-out pages": "Public pages that neither detectors nor thresholds had seen when they scored them.",
    "level": "How loud the recording is over time, relative to its loudest moment.",
    "part": "Where a clip comes from: made for this corpus, or published elsewhere.",
    "kind": "For spoofs the kind of system, for real clips the kind of speech.",
    "dev": "Development split: clips used to calibrate and to choose, never to train.",
    "eval": "Evaluation split: clips that nothing was trained, calibrated or chosen on.",
    "run": "Stored scores of several detectors on one set of clips.",
    "digest": "A fingerprint of the content (SHA-256): it changes when a single bit changes.",
    "leakage": "The same clip, recording or voice on both sides of a split, which makes results look too good.",
    # Who agrees
    "split votes": "Some detectors call the clip spoof, others bona fide.",
    "unanimous and wrong": "All detectors give the same answer, and it is wrong.",
    "spread": "Largest P(spoof) that a detector gives the clip less the smallest.",
    "kappa": "Cohen's kappa: agreement of two detectors beyond chance; 0 is chance, 1 is full agreement.",
    "independent voters": "How many detectors that err independently would be worth as much as these, which err alike.",
    # Map
    "PCA": "Principal components: a flat view of the embeddings along the directions in which they vary most.",
    "UMAP": "A flat view of the embeddings that keeps neighbours together; distances between groups mean little.",
    "t-SNE": "A flat view of the embeddings that keeps the nearest neighbours together; distances and sizes mean "
    "little.",
    "embedding space": "Where the embeddings lie, with as many directions as an embedding has numbers.",
    "trustworthiness": "Whether what lies together on a map lies together in the embedding space: 1 is perfect, about "
    "0.5 is a random map.",
    "Procrustes": "Two maps are moved, turned, mirrored and scaled onto each other; what then differs is no accident "
    "of drawing: 0 % is the same map.",
    "HDBSCAN": "Groups clips where they lie dense; it finds how many groups there are, and sparse clips belong to "
    "none.",
    "NMI": "Normalised mutual information: how much a group reveals of the value, and the value of the group, from 0 "
    "to 1.",
    "ARI": "Adjusted Rand index: how often pairs of clips are kept together or apart alike; 0 is chance, 1 is the "
    "same.",
    "k-means": "Groups clips by how near their embeddings are, without knowing their labels.",
    "purity": "Share of clips that belong to the majority class of their group: 1 means that groups match classes.",
    "silhouette": "How clearly the groups are separate, from -1 to 1; near 0 they touch or overlap.",
    # Reconstruction
    "autoencoder": "A model that squeezes its input together and rebuilds it; what it was not trained on it rebuilds "
    "badly.",
    "reconstruction error": "How far the rebuilt features are from the original, squared and averaged.",
    "σ": "Standard deviations of real training speech: 0 is its average, 1 is a usual deviation.",
    "σ²": "Squared standard deviations: the unit of the squared reconstruction error; 1 is as far off as real speech "
    "usually varies.",
    "LFCC": "Linear-frequency cepstral coefficients: numbers for the shape of the spectrum, moment by moment.",
    "cepstral coefficient": "One number for one shape of the whole spectrum; it has a time but no single frequency.",
    "static": "The coefficients themselves.",
    "delta": "How fast the coefficients change from moment to moment.",
    "delta-delta": "How fast that change itself changes.",
    # Explanations
    "method": "How the map of the evidence is made; each way of looking into a detector marks something else.",
    "attribution": "Which seconds and frequencies moved the score, as far as the method can show.",
    "faithfulness check": "Removing what the map marks must move the score more than removing random places does.",
    "cue classes": "Kinds of place in a clip: a detector that depends on silence may have learnt how clips were cut.",
    "native": "The network's own scores of each place; they add up to the clip's score, so nothing is approximated.",
    "native-peaks": "Where the network's own scores of places stand out from the rest of the recording.",
    "grad-cam": "Marks where the last feature map of the network pushed the score.",
    "cam-occlusion": "Silences patches as occlusion does, and keeps what lies where grad-cam looks, too.",
    "occlusion": "Silences one small patch after the other and marks where the score moves.",
    "gradient-x-input": "Marks where a small change of the spectrogram would change the score most.",
    "integrated-gradients": "Adds up those changes on the way from silence to the clip.",
    # Training
    "learning curve": "Error on development clips while the detector was being trained.",
    "training loss": "What training makes smaller; it has no unit that two detectors share.",
    "augmentation": "Random changes to training clips (noise, codecs, filters), so that the detector does not rely on "
    "them.",
}


def meaning(term: str) -> str:
    """Return what a term means, in one sentence.

    Raises
    ------
    KeyError
        When the glossary lacks the term: add it there.
    """
    return GLOSSARY[term]
