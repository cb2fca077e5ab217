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
    int best = ES_TONALITIES;
    int64_t most = 0;

    for (int key = 0; key < ES_TONALITIES; key++) {
        int64_t sum = 0;
        for (int i = 0; i < 12; i++) {
            sum += (int64_t)weight[(i + key) % 12] * profile[key / 12][i];
        }
        if (sum > most) {
            most = sum;
            best = key;
        }
    }
    return best;
}
