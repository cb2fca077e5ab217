/*
 * Hits as text, the reverse of parse_hit.c.
 */
#include "style/hit_text.h"

#include "music/mark.h"
#include "style/names.h"
#include "style/subject.h"

#include <string.h>

void es_value_text(es_text *text, es_tick ticks)
{
    static const struct {
        const char *word;
        es_tick ticks;
    } values[] = {
        {"1.", ES_WHOLE * 3 / 2},   {"1", ES_WHOLE},
        {"2.", ES_WHOLE * 3 / 4},   {"2", ES_WHOLE / 2},
        {"4.", ES_WHOLE * 3 / 8},   {"2t", ES_WHOLE / 3},
        {"4", ES_WHOLE / 4},        {"8.", ES_WHOLE * 3 / 16},
        {"4t", ES_WHOLE / 6},       {"8", ES_WHOLE / 8},
        {"16.", ES_WHOLE * 3 / 32}, {"8t", ES_WHOLE / 12},
        {"16", ES_WHOLE / 16},      {"16t", ES_WHOLE / 24},
        {"32", ES_WHOLE / 32},      {"32t", ES_WHOLE / 48},
    };
    const size_t count = sizeof values / sizeof *values;
    bool is_first = true;

    for (size_t i = 0; i < count; i++) {
        if (values[i].ticks == ticks) {
            es_text_add(text, "%s", values[i].word);
            return;
        }
    }
    while (ticks > 0) {
        size_t i = 0;
        while (i < count && values[i].ticks > ticks) {
            i++;
        }
        if (i == count) {
            es_text_add(text, "%s%ld ticks", is_first ? "" : "~", (long)ticks);
            return;
        }
        es_text_add(text, "%s%s", is_first ? "" : "~", values[i].word);
        ticks -= values[i].ticks;
        is_first = false;
    }
}

static void add_tone(es_text *text, const es_hit *hit)
{
    static const char letters[] = {
        [ES_TONE_ANY] = 'x',      [ES_TONE_CHORD] = 'c',  [ES_TONE_SCALE] = 's',
        [ES_TONE_APPROACH] = 'a', [ES_TONE_REST] = 'r',   [ES_TONE_MEMBER] = '1',
        [ES_TONE_BASS] = 'b',     [ES_TONE_REPEAT] = '=', [ES_TONE_NEXT] = 'n',
        [ES_TONE_UP] = 'u',       [ES_TONE_DOWN] = 'd'};

    if (hit->tone == ES_TONE_ANY && !hit->contour) {
        return;
    }
    es_text_add(text, ":%c",
                letters[hit->tone] + (hit->tone == ES_TONE_MEMBER ? 2 * hit->member : 0));
    if (hit->tone == ES_TONE_NEXT && hit->member) {
        es_text_add(text, "b");
    }
    if (hit->tone == ES_TONE_NEXT && hit->member) {
        es_text_add(text, "b");
    }
    if (hit->contour) {
        es_text_add(text, "%c", hit->contour > 0 ? 'u' : 'd');
    }
    for (int i = 0; i < hit->octave; i++) {
        es_text_add(text, "+");
    }
    for (int i = 0; i > hit->octave; i--) {
        es_text_add(text, "-");
    }
}

void es_hit_text(es_text *text, const es_hit *hit)
{
    es_value_text(text, hit->duration);
    add_tone(text, hit);
    if (hit->accent) {
        es_text_add(text, "%c", hit->accent > 0 ? '>' : '<');
    }
    for (int mark = 0; mark < ES_MARK_COUNT; mark++) {
        if (hit->marks >> mark & 1) {
            es_text_add(text, "^%s", es_mark_name((es_mark)mark));
        }
    }
}

/* The word of a drum, or NULL. */
static const char *drum_word(uint8_t key)
{
    for (int i = 0; es_drum_name(i); i++) {
        if (es_drum_key(i) == key) {
            return es_drum_name(i);
        }
    }
    return NULL;
}

/* Each drum once, with the beats on which it is hit, counted from 1. */
static void add_drums(es_text *text, const es_cell *cell, es_tick from, es_tick to, es_tick beat)
{
    bool seen[128] = {false};
    bool is_first = true;

    for (uint32_t h = 0; h < cell->n_hits; h++) {
        const uint8_t drum = cell->hits[h].drum & 127;
        if (seen[drum] || cell->hits[h].start < from || cell->hits[h].start >= to) {
            continue;
        }
        seen[drum] = true;
        const char *name = drum_word(drum);
        es_text_add(text, "%s", is_first ? "" : ", ");
        if (name) {
            es_text_add(text, "%s", name);
        } else {
            es_text_add(text, "%d", drum);
        }
        is_first = false;
        for (uint32_t k = h; k < cell->n_hits; k++) {
            const es_hit *hit = &cell->hits[k];
            if (hit->drum == drum && hit->start >= from && hit->start < to) {
                es_text_add(text, " %.4g%s", 1 + (double)(hit->start - from) / (double)beat,
                            hit->chance < 100 ? "?" : "");
            }
        }
    }
}

void es_cell_text(es_text *text, const es_cell *cell, es_tick from, es_tick to, es_tick beat)
{
    bool is_first = true;

    if (cell->n_hits > 0 && cell->hits[0].drum) {
        add_drums(text, cell, from, to, beat);
        return;
    }
    for (uint32_t h = 0; h < cell->n_hits; h++) {
        const es_hit *hit = &cell->hits[h];
        if (hit->start >= from && hit->start < to) {
            es_text_add(text, "%s", is_first ? "" : " ");
            es_hit_text(text, hit);
            is_first = false;
        }
    }
}

void es_condition_text(es_text *text, const es_condition *condition)
{
    const char sign[3] = {condition->sign, condition->sign == '!' ? '=' : '\0', '\0'};
    char whole[64];

    if (condition->word) {
        es_text_add(text, "section %s %s", sign, condition->word);
        return;
    }
    es_subject_write(whole, sizeof whole, condition->subject, condition->value);
    const int subject = (int)strcspn(whole, " ");
    const char *value = strchr(whole, '=');
    es_text_add(text, "%.*s %s%s", subject, whole, sign, value ? value + 1 : "");
}
