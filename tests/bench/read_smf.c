/* read_smf FILE SECONDS: how fast a MIDI file is read from memory to events, in MB/s. */
#include "base/file.h"
#include "base/mem.h"
#include "smf/smf.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    uint8_t *bytes;
    size_t size, total = 0;
    estro_diag diag = {0};

    if (argc != 3 || es_file_read(&bytes, &size, argv[1], &diag) != ESTRO_OK) {
        fprintf(stderr, "read_smf: %s\n", argc == 3 ? diag.text : "FILE SECONDS");
        return 1;
    }
    const double start = seconds(), limit = atof(argv[2]);
    double spent = 0;
    while (spent < limit) {
        es_smf smf;
        if (es_smf_read(&smf, bytes, size, argv[1], &diag) != ESTRO_OK) {
            fprintf(stderr, "read_smf: %s\n", diag.text);
            return 1;
        }
        es_smf_done(&smf);
        total += size;
        spent = seconds() - start;
    }
    printf("%.1f\n", (double)total / 1e6 / spent);
    es_free(bytes);
    return 0;
}
