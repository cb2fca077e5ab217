/*
 * Correlation in whole numbers: the profiles are centred and have the same norm, so the largest product is the largest
 * correlation. Of equal ones the first is taken.
 */
#include "stream/tonality.h"

int es_tonality(const uint32_t weight[12])
{
    static const int16_t profile[2][12] = {
        {655, -286, 0, -263, 205, 139, -220, 390, -250, 41, -273, -138},
        {654, -257, -47, 418, -277, -45, -292, 260, 68, -255, -92, -135},
    };
    int64_t twice[24]; /* The weights, from any key on without turning round. */
    int best = ES_TONALITIES;
    int64_t most = 0;

    for (int i = 0; i < 12; i++) {
        twice[i] = twice[i + 12] = (int64_t)weight[i];
    }
    for (int key = 0; key < ES_TONALITIES; key++) {
        const int64_t *const from = twice + key % 12;
        int64_t sum = 0;
        for (int i = 0; i < 12; i++) {
            sum += from[i] * profile[key / 12][i];
        }
        if (sum > most) {
            most = sum;
            best = key;
        }
    }
    return best;
}
