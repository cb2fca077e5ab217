/*
 * Chord sheets given by the host: the reading is music/sheet.h's; here the bars become a list, and failures get a place.
 */
#include "api/api.h"

#include "base/diag.h"
#include "base/mem.h"
#include "music/sheet.h"

#include <stdio.h>
#include <string.h>

static estro_status fail_at(const es_sheet *sheet, estro_diag *diag)
{
    int column = 1;

    for (size_t i = 0; i < sheet->at; i++) {
        column += ((unsigned char)sheet->text[i] & 0xc0u) != 0x80u;
    }
    es_fail_at(diag, ESTRO_ERR_ARGUMENT, "chords", 1, column, "%s", sheet->trouble);
    if (diag) {
        snprintf(diag->excerpt, sizeof diag->excerpt, "%s", sheet->text);
    }
    return ESTRO_ERR_ARGUMENT;
}

estro_status es_api_chords(es_chord **chords, uint32_t *n_chords, const char *text, es_meter meter,
                           estro_diag *diag)
{
    es_sheet sheet;
    es_sheet_result result;
    es_chord *list = NULL;
    size_t count = 0, capacity = 0;

    es_sheet_init(&sheet, text, strlen(text), es_meter_beats(meter));
    while ((result = es_sheet_next(&sheet)) == ES_SHEET_BAR) {
        for (int beat = 0; beat < sheet.beats; beat++) {
            if (!es_grow(&list, count, &capacity, sizeof *list)) {
                es_free(list);
                return es_fail_memory(diag);
            }
            list[count++] = sheet.bar[beat];
        }
    }
    if (result == ES_SHEET_BAD) {
        es_free(list);
        return fail_at(&sheet, diag);
    }
    *chords = list;
    *n_chords = (uint32_t)count;
    return ESTRO_OK;
}
