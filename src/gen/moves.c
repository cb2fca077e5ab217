/*
 * Where a line may move to by its rule, after what it did: a range around its last note, without some moves. The drawing and the
 * look-ahead both ask here, so they cannot understand a rule differently.
 */
#include "gen/constraint.h"

#include <stdlib.h>

static void narrow(es_moves *moves, int down, int up)
{
    const int low = moves->from - down, high = moves->from + up;

    moves->low = low > moves->low ? (int16_t)low : moves->low;
    moves->high = high < moves->high ? (int16_t)high : moves->high;
}

static void bar(es_moves *moves, int move)
{
    moves->barred |= (uint64_t)1 << (move + ES_BARRED_MOVES);
}

/* What the note that sounds up to now asks of its end, when it ends now. */
static void leave(es_moves *moves, const es_line_rule *rule, const es_line *line,
                  const es_moment *moment)
{
    const int pc = line->pitch % 12;

    if (moment->tick < line->min_end) {
        moves->high = -1;
    }
    if (line->was_foreign && (line->scopes & rule->unresolved)) {
        narrow(moves, 2, 2);
        bar(moves, 0);
    }
    if (rule->leading && pc == moment->leading) {
        narrow(moves, rule->is_inner ? 4 : -1, 1);
        for (int move = -3; move <= 0; move++) {
            bar(moves, move);
        }
    }
    if (rule->seventh && pc == moment->seventh) {
        narrow(moves, 2, 0);
    }
}

es_moves es_line_moves(const es_line_rule *rule, const es_line *line, const es_moment *moment)
{
    const int before = abs(line->move);
    es_moves out = {.from = line->last, .high = INT16_MAX};

    if (line->last == ES_SILENT) {
        return out;
    }
    narrow(&out, rule->leap, rule->leap);
    for (uint64_t rest = rule->intervals; rest; rest &= rest - 1) {
        const int size = es_first_bit(rest);
        bar(&out, size);
        bar(&out, -size);
    }
    if (line->repeats + 1 > rule->repeat) {
        bar(&out, 0);
    }
    const bool is_leap = before > rule->unrecovered;
    if (is_leap) {
        narrow(&out, before - 1, before - 1);
    }
    if (line->move != 0 && (is_leap || line->run + 1 > rule->run)) {
        narrow(&out, line->move > 0 ? INT16_MAX : 0, line->move > 0 ? 0 : INT16_MAX);
    }
    if (line->pitch != ES_SILENT) {
        leave(&out, rule, line, moment);
    }
    return out;
}
