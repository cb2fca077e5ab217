/*
 * Edit distance with transpositions (optimal string alignment), three rows at a time. Of words equally near the first one
 * wins, so a suggestion is always the same.
 */
#include "base/near.h"

#include <string.h>

enum { LETTERS = 63 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

int es_near_distance(const char *a, const char *b)
{
    const size_t n = strnlen(a, LETTERS), m = strnlen(b, LETTERS);
    int rows[3][LETTERS + 1];

    for (size_t j = 0; j <= m; j++) {
        rows[0][j] = (int)j;
    }
    for (size_t i = 1; i <= n; i++) {
        int *row = rows[i % 3];
        const int *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            const char x = lower(a[i - 1]), y = lower(b[j - 1]);

            row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
    }
    return rows[n % 3][m];
}

const char *es_near(const char *word, const char *const *words, size_t count)
{
    const int letters = (int)strnlen(word, LETTERS);
    int best = letters / 3 + 1;
    const char *found = NULL;

    for (size_t i = 0; i < count; i++) {
        const int distance = es_near_distance(word, words[i]);
        if (distance <= best && (!found || distance < best) && distance < letters) {
            best = distance;
            found = words[i];
        }
    }
    return found;
}
