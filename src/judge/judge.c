/*
 * Expectations over many pieces. Those of one piece are counted as they come; those of all pieces (how many forms, whether two are the
 * same) are numbers for each piece, of which the different ones are counted.
 */
#include "judge/judge.h"

#include "base/diag.h"
#include "base/mem.h"
#include "judge/measure.h"

/* With fewer pieces, nothing is said of forms that are missing. */
enum { ENOUGH = 8 };

/* What is kept of a piece. */
typedef struct row {
    uint64_t seed, form, notes;
    bool is_new_form, is_new;
} row;

struct es_judge {
    const es_style *style;
    es_finding *findings; /* [style->n_expects] */
    row *rows;
    size_t n_rows, capacity;
};

estro_status es_judge_new(es_judge **out, const es_style *style, estro_diag *diag)
{
    es_judge *judge = es_calloc(1, sizeof *judge);

    if (!judge) {
        return es_fail_memory(diag);
    }
    judge->style = style;
    judge->findings = es_calloc(style->n_expects + 1, sizeof *judge->findings);
    if (!judge->findings) {
        es_judge_free(judge);
        return es_fail_memory(diag);
    }
    for (uint32_t i = 0; i < style->n_expects; i++) {
        judge->findings[i].expect = &style->expects[i];
    }
    *out = judge;
    return ESTRO_OK;
}

void es_judge_free(es_judge *judge)
{
    if (judge) {
        es_free(judge->findings);
        es_free(judge->rows);
        es_free(judge);
    }
}

static void count(es_finding *finding, double value, bool is_kept, uint64_t seed)
{
    finding->low = finding->measured && finding->low < value ? finding->low : value;
    finding->high = finding->measured && finding->high > value ? finding->high : value;
    finding->sum += value;
    finding->measured++;
    if (!is_kept && finding->missed++ == 0) {
        finding->first_seed = seed;
        finding->first_value = value;
    }
}

estro_status es_judge_piece(es_judge *judge, const es_piece *piece, uint64_t seed, estro_diag *diag)
{
    if (!es_grow(&judge->rows, judge->n_rows, &judge->capacity, sizeof *judge->rows)) {
        return es_fail_memory(diag);
    }
    row *one = &judge->rows[judge->n_rows];
    *one = (row){seed, es_measure_form(piece), es_measure_notes(piece), true, true};
    for (size_t i = 0; i < judge->n_rows; i++) {
        one->is_new_form = one->is_new_form && judge->rows[i].form != one->form;
        one->is_new = one->is_new && judge->rows[i].notes != one->notes;
    }
    judge->n_rows++;
    for (uint32_t i = 0; i < judge->style->n_expects; i++) {
        es_finding *finding = &judge->findings[i];
        const es_expect *expect = finding->expect;
        double value = 0;
        if (expect->measure == ES_MEASURE_PIECES) {
            count(finding, one->is_new, one->is_new, seed);
        } else if (expect->measure == ES_MEASURE_END && es_measure_piece(piece, expect, &value)) {
            count(finding, value, value > 0, seed);
        } else if (expect->measure != ES_MEASURE_FORMS && es_measure_piece(piece, expect, &value)) {
            count(finding, value, value >= expect->low && value <= expect->high, seed);
        }
    }
    return ESTRO_OK;
}

/* Forms are counted over all pieces. That there are too few of them shows only when many pieces might have had more. */
static es_finding count_forms(const es_judge *judge, const es_expect *expect)
{
    es_finding finding = {.expect = expect};
    double forms = 0;

    for (size_t i = 0; i < judge->n_rows; i++) {
        forms += judge->rows[i].is_new_form;
    }
    const double pieces = (double)judge->n_rows;
    finding.is_open = forms < expect->low && (pieces < ENOUGH || pieces < 2 * expect->low);
    if (judge->n_rows > 0 && !finding.is_open) {
        count(&finding, forms, forms >= expect->low && forms <= expect->high, judge->rows[0].seed);
    }
    return finding;
}

es_finding es_judge_finding(const es_judge *judge, uint32_t expect)
{
    const es_finding *finding = &judge->findings[expect];

    return finding->expect->measure == ES_MEASURE_FORMS ? count_forms(judge, finding->expect)
                                                        : *finding;
}

bool es_finding_holds(const es_finding *finding)
{
    const double kept = (double)(finding->measured - finding->missed);

    /* A hair below, so that 90 percent of ten are nine. */
    return finding->is_open ||
           (finding->measured > 0 && kept >= finding->expect->share * finding->measured - 1e-9);
}
