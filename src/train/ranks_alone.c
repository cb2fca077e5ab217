/* A build without MPI: there is one process. Several that know nothing of each other would write over the same files. */
#include "train/ranks.h"

#include "base/diag.h"

#include <stdlib.h>

estro_status es_ranks_open(es_ranks **out, estro_diag *diag)
{
    const char *const size = getenv("OMPI_COMM_WORLD_SIZE");

    *out = NULL;
    if (size && atoi(size) > 1) {
        return es_fail(
            diag, ESTRO_ERR_UNSUPPORTED,
            "this build trains in one process; `make MPI=1` builds one that mpirun can use");
    }
    return ESTRO_OK;
}

const es_learn_ranks *es_ranks_table(const es_ranks *ranks)
{
    (void)ranks;
    return NULL;
}

int es_ranks_here(const es_ranks *ranks)
{
    (void)ranks;
    return 1;
}

estro_status es_ranks_share(es_ranks *ranks, double *value, estro_diag *diag)
{
    (void)ranks;
    (void)value;
    (void)diag;
    return ESTRO_OK;
}

estro_status es_ranks_agree(es_ranks *ranks, uint64_t hash, const char *what, estro_diag *diag)
{
    (void)ranks;
    (void)hash;
    (void)what;
    (void)diag;
    return ESTRO_OK;
}

void es_ranks_stop(es_ranks *ranks)
{
    (void)ranks;
}

void es_ranks_close(es_ranks *ranks, bool in_order)
{
    (void)ranks;
    (void)in_order;
}
