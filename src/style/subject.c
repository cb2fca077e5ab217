/*
 * Subjects of conditions. A table says what each can be: numbers in a range, or words of a list, which conditions keep as indices. Sections are
 * the names of rules of the form.
 */
#include "style/subject.h"

#include "base/text.h"

#include "style/blocks.h"
#include "style/parse.h"

#include <stdio.h>
#include <string.h>

enum { MAX_WORDS = 8 };

static const struct {
    const char *word;
    int low, high;                 /* Of numbers. */
    const char *values[MAX_WORDS]; /* Of words, NULL after the last. */
} subjects[ES_SUBJECT_COUNT] = {
    [ES_SUBJECT_BAR] = {"bar", 1, ES_MAX_PHRASE_BARS, {NULL}},
    [ES_SUBJECT_LEFT] = {"left", 0, ES_MAX_PHRASE_BARS - 1, {NULL}},
    [ES_SUBJECT_LEVEL] = {"level", 0, 9, {NULL}},
    [ES_SUBJECT_TENSION] = {"tension", 0, 9, {NULL}},
    [ES_SUBJECT_NEXT] = {"next", 0, 11, {NULL}},
    [ES_SUBJECT_CHANGE] = {"change", 0, 1, {NULL}},
    [ES_SUBJECT_BEGINS] = {"begins", 0, 1, {NULL}},
    [ES_SUBJECT_LASTS] = {"lasts", 1, ES_SUBJECT_MAX_LASTS, {NULL}},
    [ES_SUBJECT_DEGREE] = {"degree", 0, 7, {NULL}},
    [ES_SUBJECT_BEAT] = {"beat", 1, ES_MAX_BEATS, {NULL}},
    [ES_SUBJECT_PLACE] = {"place", 0, 0, {"first", "middle", "last"}},
    [ES_SUBJECT_FUNCTION] = {"function", 0, 0, {"tonic", "subdominant", "dominant", "other"}},
    [ES_SUBJECT_QUALITY] = {"quality", 0, 0, {"major", "minor", "dominant", "diminished", "other"}},
    [ES_SUBJECT_KEY] = {"key", 0, 0, {NULL}}, /* The modes. */
    [ES_SUBJECT_SECTION] = {"section", 0, 0, {NULL}},
};

static const char *value_word(uint8_t subject, int index)
{
    if (subject == ES_SUBJECT_KEY) {
        return index < ES_MODE_COUNT ? es_mode_name(index) : NULL;
    }
    return index < MAX_WORDS ? subjects[subject].values[index] : NULL;
}

static bool is_word_subject(uint8_t subject)
{
    return subject == ES_SUBJECT_SECTION || value_word(subject, 0);
}

static int find_subject(const char *word)
{
    int i = ES_SUBJECT_COUNT - 1;

    while (i >= 0 && strcmp(word, subjects[i].word) != 0) {
        i--;
    }
    return i;
}

bool es_is_subject(const char *word)
{
    return find_subject(word) >= 0;
}

int es_subject_of(const es_block *block, const es_comparison *comparison)
{
    if (block->kind != ES_BLOCK_RHYTHM || comparison->left->kind != ES_EXPR_NAME) {
        return -1;
    }
    return find_subject(comparison->left->word);
}

int es_subject_values(uint8_t subject, int *first)
{
    int count = 0;

    *first = subjects[subject].low;
    if (!is_word_subject(subject)) {
        return subjects[subject].high - subjects[subject].low + 1;
    }
    while (value_word(subject, count)) {
        count++;
    }
    return count;
}

void es_subject_write(char *out, size_t size, uint8_t subject, int value)
{
    const char *word = is_word_subject(subject) ? value_word(subject, value) : NULL;

    if (word) {
        snprintf(out, size, "%s = %s", subjects[subject].word, word);
    } else {
        snprintf(out, size, "%s = %d", subjects[subject].word, value);
    }
}

/* "tonic, subdominant, dominant or other" */
static void write_words(char *out, size_t size, uint8_t subject)
{
    *out = '\0';
    for (int i = 0; value_word(subject, i); i++) {
        const char *between = i == 0 ? "" : value_word(subject, i + 1) ? ", " : " or ";
        es_append(out, size, "%s%s", between, value_word(subject, i));
    }
}

static estro_status word_value(es_build *build, const es_comparison *c, uint8_t subject,
                               const char *word, es_condition *out)
{
    const char *name = subjects[subject].word;
    char words[96];

    if (c->sign != '=' && c->sign != '!') {
        return es_build_fail(build, ESTRO_ERR_STYLE, c->left->place,
                             "'%s' is a word: it is neither smaller nor greater", name);
    }
    if (subject == ES_SUBJECT_SECTION) {
        const es_word section = {word, c->right->place};
        if (!word || !es_block_find(&build->tree.form, word)) {
            return word ? es_block_unknown(build, &build->tree.form, &section)
                        : es_build_fail(build, ESTRO_ERR_STYLE, c->right->place,
                                        "a section is the name of a rule of the form");
        }
        out->word = word;
        return ESTRO_OK;
    }
    for (int i = 0; word && value_word(subject, i); i++) {
        if (strcmp(word, value_word(subject, i)) == 0) {
            out->value = (int16_t)i;
            return ESTRO_OK;
        }
    }
    write_words(words, sizeof words, subject);
    return es_build_fail(build, ESTRO_ERR_STYLE, c->right->place, "'%s' is %s", name, words);
}

estro_status es_subject_check(es_build *build, const es_head *head, const es_comparison *comparison)
{
    const es_expr *right = comparison->right;
    const bool is_word = right->kind == ES_EXPR_NAME && right->word[0] && right->word[1];

    return is_word ? ESTRO_OK : es_expr_check(build, head, right);
}

estro_status es_subject_condition(es_build *build, const es_comparison *comparison,
                                  const es_result *right, es_condition *out)
{
    const uint8_t subject = (uint8_t)es_subject_of(&build->tree.rhythm, comparison);

    *out = (es_condition){.subject = subject, .sign = comparison->sign};
    if (is_word_subject(subject)) {
        return word_value(build, comparison, subject, right->word, out);
    }
    const int number = right->word || !(right->number >= -1000 && right->number <= 1000)
                           ? subjects[subject].low - 1
                           : (int)right->number;
    if (number < subjects[subject].low || number > subjects[subject].high ||
        number < right->number || number > right->number) {
        return es_build_fail(build, ESTRO_ERR_STYLE, comparison->right->place,
                             "'%s' is a whole number, %d to %d", subjects[subject].word,
                             subjects[subject].low, subjects[subject].high);
    }
    out->value = (int16_t)number;
    return ESTRO_OK;
}
