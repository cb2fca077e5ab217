/*
 * Chord sheets. The only state between bars is the bar before, for "%".
 */
#include "music/sheet.h"

#include "music/guess.h"

#include <stdio.h>
#include <string.h>

void es_sheet_init(es_sheet *sheet, const char *text, size_t size, int beats)
{
    memset(sheet, 0, sizeof *sheet);
    sheet->text = text;
    sheet->size = size;
    sheet->beats = beats;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

static bool at_end(const es_sheet *s)
{
    return s->at == s->size || !s->text[s->at];
}

static void skip_space(es_sheet *s)
{
    while (!at_end(s) && is_space(s->text[s->at])) {
        s->at++;
    }
}

static es_sheet_result fail(es_sheet *s, const char *trouble)
{
    s->trouble = trouble;
    return ES_SHEET_BAD;
}

/* One chord, or "NC". False when there is none. */
static bool read_chord(es_sheet *s, es_chord *chord)
{
    char word[24] = "";
    size_t length = 0, used = 2;

    while (s->at + length < s->size && length < sizeof word - 1 && s->text[s->at + length] &&
           !is_space(s->text[s->at + length]) && s->text[s->at + length] != '|') {
        word[length] = s->text[s->at + length];
        length++;
    }
    if (strcmp(word, "NC") == 0) {
        *chord = (es_chord){.quality = ES_QUALITY_NONE};
    } else {
        used = es_chord_parse(chord, word);
    }
    if (used == 0 || used != length) {
        return false;
    }
    s->at += length;
    return true;
}

static es_sheet_result fail_chord(es_sheet *s)
{
    char word[24], near[24];
    size_t length = 0;

    while (s->at + length < s->size && s->text[s->at + length] &&
           !is_space(s->text[s->at + length]) && s->text[s->at + length] != '|') {
        length++;
    }
    length = length < sizeof word ? length : sizeof word - 1;
    while (length > 0 && ((unsigned char)s->text[s->at + length] & 0xC0) == 0x80) {
        length--; /* not within a character */
    }
    snprintf(word, sizeof word, "%.*s", (int)length, s->text + s->at);
    if (es_chord_near(near, sizeof near, word)) {
        snprintf(s->message, sizeof s->message,
                 "'%s' is not a chord symbol that estro knows (did you mean '%s'?)", word, near);
    } else {
        snprintf(s->message, sizeof s->message,
                 "'%s' is not a chord symbol that estro knows (such as C, Dm7, F#m7b5, Bb/D)",
                 word);
    }
    return fail(s, s->message);
}

/* "%" alone: the bar stays as it was. */
static es_sheet_result repeat_bar(es_sheet *s)
{
    if (s->n_bars == 0) {
        return fail(s, "'%' repeats the bar before, and there is none");
    }
    s->at++;
    skip_space(s);
    if (!at_end(s) && s->text[s->at] != '|') {
        return fail(s, "'%' stands alone in its bar");
    }
    return ES_SHEET_BAR;
}

static es_sheet_result read_bar(es_sheet *s)
{
    es_chord chords[ES_MAX_BEATS];
    int count = 0;

    if (s->text[s->at] == '%') {
        return repeat_bar(s);
    }
    while (!at_end(s) && s->text[s->at] != '|') {
        if (count == s->beats) {
            return fail(s, "more chords than beats in this bar");
        }
        if (!read_chord(s, &chords[count])) {
            return s->text[s->at] == '%' ? fail(s, "'%' stands alone in its bar") : fail_chord(s);
        }
        count++;
        skip_space(s);
    }
    if (count == 0) {
        return fail(s, "a bar without a chord; '%' repeats the bar before");
    }
    for (int beat = 0; beat < s->beats; beat++) {
        s->bar[beat] = chords[beat * count / s->beats];
    }
    return ES_SHEET_BAR;
}

es_sheet_result es_sheet_next(es_sheet *s)
{
    skip_space(s);
    if (s->n_bars == 0 && !at_end(s) && s->text[s->at] == '|') {
        s->at++; /* a bar line may open the sheet */
        skip_space(s);
    }
    if (at_end(s)) {
        return s->n_bars ? ES_SHEET_END : fail(s, "the chord sheet is empty");
    }
    const es_sheet_result result = read_bar(s);
    if (result == ES_SHEET_BAR) {
        s->n_bars++;
        if (!at_end(s)) {
            s->at++; /* its closing line */
        }
    }
    return result;
}
