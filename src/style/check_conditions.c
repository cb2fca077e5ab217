/*
 * Rules of the rhythm all of whose alternatives have conditions: whether one of them holds wherever they can be asked. All values that the
 * style gives the subjects are tried together.
 */
#include "style/check_parts.h"

#include "base/text.h"
#include "style/subject.h"

#include <stdio.h>
#include <string.h>

enum { MOST_TRIED = 200000, MAX_WORDS = 16 };

/* The subjects of a rule's conditions, and the values that are tried. */
typedef struct trial {
    const es_grammar *grammar;
    const es_symbol *symbol;
    bool is_asked[ES_SUBJECT_COUNT];
    int first[ES_SUBJECT_COUNT], count[ES_SUBJECT_COUNT], value[ES_SUBJECT_COUNT];
    const char *sections[MAX_WORDS]; /* Those named; the value after the last is any other. */
    int n_sections;
} trial;

static const es_rule *rule_of(const trial *t, uint32_t r)
{
    return &t->grammar->rules[t->symbol->first_rule + r];
}

static void note_section(trial *t, const char *word)
{
    for (int i = 0; i < t->n_sections; i++) {
        if (strcmp(t->sections[i], word) == 0) {
            return;
        }
    }
    if (t->n_sections < MAX_WORDS) {
        t->sections[t->n_sections++] = word;
    }
}

/* False where some alternative has no condition. */
static bool note_subjects(trial *t)
{
    for (uint32_t r = 0; r < t->symbol->n_rules; r++) {
        const es_rule *rule = rule_of(t, r);
        if (!rule->n_conditions) {
            return false;
        }
        for (uint32_t i = 0; i < rule->n_conditions; i++) {
            t->is_asked[rule->conditions[i].subject] = true;
            if (rule->conditions[i].word) {
                note_section(t, rule->conditions[i].word);
            }
        }
    }
    return true;
}

/* Levels and tensions that phrases have, bars that they are long. */
static void narrow(trial *t, const es_style *style)
{
    int low[2] = {9, 9}, high[2] = {0, 0}, bars = 1;

    for (uint32_t i = 0; i < style->form.n_leaves; i++) {
        const es_phrase_leaf *leaf = &style->phrases[i];
        bars = leaf->bars > bars ? leaf->bars : bars;
        for (int e = 0; e < 2; e++) {
            const int values[2] = {leaf->level[e], leaf->tension[e]};
            for (int k = 0; k < 2; k++) {
                low[k] = values[k] < low[k] ? values[k] : low[k];
                high[k] = values[k] > high[k] ? values[k] : high[k];
            }
        }
    }
    for (int k = 0; k < 2 && low[k] <= high[k]; k++) {
        const int subject = k == 0 ? ES_SUBJECT_LEVEL : ES_SUBJECT_TENSION;
        t->first[subject] = low[k];
        t->count[subject] = high[k] - low[k] + 1;
    }
    t->count[ES_SUBJECT_BAR] = t->count[ES_SUBJECT_LEFT] = bars;
    t->count[ES_SUBJECT_BEAT] = es_meter_beats(style->meter);
    t->first[ES_SUBJECT_SECTION] = 0;
    t->count[ES_SUBJECT_SECTION] = t->n_sections + 1;
}

static bool holds(const trial *t, const es_condition *c)
{
    const int value = t->value[c->subject];

    if (c->subject == ES_SUBJECT_SECTION) {
        return (value < t->n_sections && strcmp(t->sections[value], c->word) == 0) ==
               (c->sign == '=');
    }
    return es_condition_compare(c, value);
}

static bool any_holds(const trial *t)
{
    for (uint32_t r = 0; r < t->symbol->n_rules; r++) {
        const es_rule *rule = rule_of(t, r);
        uint32_t i = 0;
        while (i < rule->n_conditions && holds(t, &rule->conditions[i])) {
            i++;
        }
        if (i == rule->n_conditions) {
            return true;
        }
    }
    return false;
}

/* The next values; false after the last. */
static bool advance(trial *t)
{
    for (int s = 0; s < ES_SUBJECT_COUNT; s++) {
        if (t->is_asked[s]) {
            if (++t->value[s] < t->first[s] + t->count[s]) {
                return true;
            }
            t->value[s] = t->first[s];
        }
    }
    return false;
}

static void warn_of_gap(const es_checker *c, const trial *t)
{
    char text[160] = "", one[64];

    for (int s = 0; s < ES_SUBJECT_COUNT; s++) {
        if (!t->is_asked[s]) {
            continue;
        }
        if (s == ES_SUBJECT_SECTION) {
            snprintf(one, sizeof one, "section = %s",
                     t->value[s] < t->n_sections ? t->sections[t->value[s]] : "another");
        } else {
            es_subject_write(one, sizeof one, (uint8_t)s, t->value[s]);
        }
        es_append(text, sizeof text, "%s%s", *text ? " and " : "", one);
    }
    es_warn(c, es_line_place(t->symbol->line), "no alternative of '%s' is there if %s",
            t->symbol->name, text);
}

void es_check_conditions(const es_checker *checker)
{
    const es_grammar *grammar = &checker->build->tree.rhythm.grammar;

    for (uint32_t s = 0; s < grammar->n_symbols; s++) {
        trial t = {.grammar = grammar, .symbol = &grammar->symbols[s]};
        if (!note_subjects(&t)) {
            continue;
        }
        for (int i = 0; i < ES_SUBJECT_COUNT; i++) {
            t.count[i] = es_subject_values((uint8_t)i, &t.first[i]);
        }
        narrow(&t, checker->style);
        memcpy(t.value, t.first, sizeof t.value);
        int tried = 0;
        bool is_more = true;
        while (is_more && tried++ < MOST_TRIED && any_holds(&t)) {
            is_more = advance(&t);
        }
        if (is_more && tried <= MOST_TRIED) {
            warn_of_gap(checker, &t);
        }
    }
}
