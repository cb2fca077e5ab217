/*
 * Drawing. A choice of one takes no random number, so that what is forced shifts nothing.
 */
#include "gen/draw.h"

#include "base/real.h"

int es_draw_weighted(es_rng *rng, const double *weights, int count, double *log_p)
{
    double total = 0;
    int positive = 0, only = -1;

    for (int i = 0; i < count; i++) {
        total += weights[i];
        if (weights[i] > 0) {
            positive++;
            only = i;
        }
    }
    if (positive <= 1) {
        return only;
    }
    const int drawn = es_rng_choose(rng, weights, count);
    *log_p += es_log(weights[drawn] / total);
    return drawn;
}
