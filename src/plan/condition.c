/*
 * What the subjects of conditions are at a place of a phrase. Functions are told from root and quality, so that a given sheet of chords has them
 * too; numerals only say what is a dominant of another degree.
 */
#include "plan/condition.h"

#include <string.h>

enum { TONIC, SUBDOMINANT, DOMINANT, OTHER };
enum { FIRST, MIDDLE, LAST };

/* A beat of the phrase. */
typedef struct place {
    const es_plan_phrase *phrase;
    uint16_t bar;
    int beat;
} place;

static const es_plan_bar *bar_at(const place *p)
{
    return &p->phrase->bar[p->bar];
}

static es_chord chord_at(const place *p)
{
    return bar_at(p)->chord[p->beat];
}

/* Go on to the next beat; false at the end of the phrase. */
static bool advance(place *p)
{
    if (++p->beat == es_meter_beats(bar_at(p)->meter)) {
        p->beat = 0;
        p->bar++;
    }
    return p->bar < p->phrase->n_bars;
}

/* The chord after the present one; the present one where none is known. */
static es_chord next_chord(place p)
{
    const es_chord now = chord_at(&p);

    while (advance(&p)) {
        if (!es_chord_equal(chord_at(&p), now)) {
            return chord_at(&p);
        }
    }
    return p.phrase->next_chord.quality == ES_QUALITY_NONE ? now : p.phrase->next_chord;
}

static bool changes(place p)
{
    const es_chord now = chord_at(&p);

    if (advance(&p)) {
        return !es_chord_equal(chord_at(&p), now);
    }
    return p.phrase->next_chord.quality != ES_QUALITY_NONE &&
           !es_chord_equal(p.phrase->next_chord, now);
}

/* Beats from here to another chord, or to the end of the phrase. */
static int lasts(place p)
{
    const es_chord now = chord_at(&p);
    int beats = 1;

    while (beats < ES_SUBJECT_MAX_LASTS && advance(&p) && es_chord_equal(chord_at(&p), now)) {
        beats++;
    }
    return beats;
}

/* Whether the chord of a beat is another than that of the beat before. At the start of the phrase it is. */
static bool begins(const place *p)
{
    if (p->beat > 0) {
        return !es_chord_equal(bar_at(p)->chord[p->beat - 1], chord_at(p));
    }
    if (p->bar == 0) {
        return true;
    }
    const es_plan_bar *before = &p->phrase->bar[p->bar - 1];
    return !es_chord_equal(before->chord[es_meter_beats(before->meter) - 1], chord_at(p));
}

static int quality_of(es_chord chord)
{
    switch (chord.quality) {
    case ES_QUALITY_MAJ:
    case ES_QUALITY_MAJ7:
    case ES_QUALITY_MAJ6:
        return 0;
    case ES_QUALITY_MIN:
    case ES_QUALITY_MIN7:
        return 1;
    case ES_QUALITY_DOM7:
        return 2;
    case ES_QUALITY_DIM:
    case ES_QUALITY_HDIM7:
    case ES_QUALITY_DIM7:
        return 3;
    default:
        return 4;
    }
}

static int function_of(const place *p)
{
    const es_chord chord = chord_at(p);
    const char *roman = bar_at(p)->roman[p->beat];
    const int quality = quality_of(chord);
    const int root = es_pitch_class(chord.root - p->phrase->key.tonic);

    if (chord.quality >= ES_QUALITY_UNKNOWN) {
        return OTHER;
    }
    if ((roman && strchr(roman, '/')) || (quality == 3 && root != 2) ||
        (quality == 2 && root != 0 && root != 5)) {
        return DOMINANT;
    }
    switch (root) {
    case 0:
    case 3:
    case 4:
    case 8:
    case 9:
        return TONIC;
    case 2:
    case 5:
        return SUBDOMINANT;
    case 7:
    case 11:
        return DOMINANT;
    default:
        return OTHER;
    }
}

/* Degree of the root in the scale of the key, 0 = none. */
static int degree_of(const place *p)
{
    const uint16_t scale = es_key_set(p->phrase->key);
    const es_chord chord = chord_at(p);
    int degree = 1;

    if (chord.quality >= ES_QUALITY_UNKNOWN || !(scale >> chord.root & 1)) {
        return 0;
    }
    for (int pc = p->phrase->key.tonic; pc != chord.root; pc = (pc + 1) % 12) {
        degree += scale >> pc & 1;
    }
    return degree;
}

/* A phrase alone is both the first and the last. */
static bool place_holds(const es_condition *c, const es_plan_phrase *phrase)
{
    const bool is_there = c->value == FIRST  ? phrase->is_first
                          : c->value == LAST ? phrase->is_last
                                             : !phrase->is_first && !phrase->is_last;

    return is_there == (c->sign == '=');
}

static int number_of(const es_condition *c, const place *p)
{
    switch ((es_subject)c->subject) {
    case ES_SUBJECT_BAR:
        return p->bar + 1;
    case ES_SUBJECT_LEFT:
        return p->phrase->n_bars - 1 - p->bar;
    case ES_SUBJECT_LEVEL:
        return bar_at(p)->level;
    case ES_SUBJECT_TENSION:
        return bar_at(p)->tension;
    case ES_SUBJECT_FUNCTION:
        return function_of(p);
    case ES_SUBJECT_QUALITY:
        return quality_of(chord_at(p));
    case ES_SUBJECT_DEGREE:
        return degree_of(p);
    case ES_SUBJECT_NEXT:
        return es_pitch_class(next_chord(*p).root - chord_at(p).root);
    case ES_SUBJECT_CHANGE:
        return changes(*p);
    case ES_SUBJECT_BEGINS:
        return begins(p);
    case ES_SUBJECT_LASTS:
        return lasts(*p);
    case ES_SUBJECT_KEY:
        return p->phrase->key.mode;
    case ES_SUBJECT_PLACE:
    case ES_SUBJECT_SECTION:
    case ES_SUBJECT_BEAT:
    case ES_SUBJECT_COUNT:
        break;
    }
    return 0;
}

static bool holds(const es_condition *c, const es_plan_phrase *phrase, uint16_t bar)
{
    const es_tick length = es_meter_bar(phrase->bar[bar].meter);
    place p = {phrase, (uint16_t)(bar + c->at / length), 0};

    if (p.bar >= phrase->n_bars) {
        return true; /* The phrase ends before. */
    }
    p.beat = (int)(c->at % length / es_meter_beat(phrase->bar[bar].meter));
    if (c->subject == ES_SUBJECT_PLACE) {
        return place_holds(c, phrase);
    }
    if (c->subject == ES_SUBJECT_SECTION) {
        return (strcmp(phrase->leaf->section, c->word) == 0) == (c->sign == '=');
    }
    return es_condition_compare(c, number_of(c, &p));
}

bool es_cell_is_open(const es_cell *cell, const es_plan_phrase *phrase, uint16_t bar)
{
    for (uint32_t i = 0; i < cell->n_conditions; i++) {
        if (!holds(&cell->conditions[i], phrase, bar)) {
            return false;
        }
    }
    return true;
}
