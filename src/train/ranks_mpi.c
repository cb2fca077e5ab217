/*
 * Ranks over MPI.
 *
 * The sum of a block over W working ranks (a power of two) goes in two halves: at distance 1, 2, 4, ... each rank gives half of
 * what it is left with to its partner and adds the other half, so that it ends with the sum of 1/W of the block; then these go the
 * way back. Each rank sends 2 (W - 1) / W of the block, and every place is added in the same tree as within one process. MPI's own
 * reductions promise no order, so they are used only where an order cannot matter.
 *
 * Nothing waits without end: who is told to stop (a signal: mpirun sends one when a rank is lost) stops waiting.
 */
#include "train/ranks.h"

#include "base/diag.h"
#include "base/mem.h"

#include <mpi.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TAG = 1,
    MOST_RANKS = 4096,
    SPINS = 2000, /* Looks at a message before the first sleep, */
    SLEEP_NS =
        50 * 1000 /* and the sleep: with fewer processors than ranks the others must get on. */
};

struct es_ranks {
    es_learn_ranks table;
    int here;
    float *spare; /* [room]: what a partner sent. */
    size_t room;
    atomic_bool is_stopped;
};

static estro_status lost(int error, estro_diag *diag)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;

    MPI_Error_string(error, text, &length);
    return es_fail(diag, ESTRO_ERR_IO, "a rank is lost: %.180s", text);
}

static estro_status wait_for(es_ranks *ranks, MPI_Request *request, int count, estro_diag *diag)
{
    const struct timespec pause = {.tv_nsec = SLEEP_NS};

    for (long looks = 0;; looks++) {
        int done = 0;
        const int error = MPI_Testall(count, request, &done, MPI_STATUSES_IGNORE);
        if (error != MPI_SUCCESS) {
            return lost(error, diag);
        }
        if (done) {
            return ESTRO_OK;
        }
        if (atomic_load(&ranks->is_stopped)) {
            return es_fail(diag, ESTRO_ERR_CANCELLED, "stopped while waiting for other ranks");
        }
        if (looks >= SPINS) {
            nanosleep(&pause, NULL);
        }
    }
}

static estro_status swap(es_ranks *ranks, int partner, const float *out, size_t n_out, float *in,
                         size_t n_in, estro_diag *diag)
{
    MPI_Request request[2];

    int error = MPI_Irecv(in, (int)n_in, MPI_FLOAT, partner, TAG, MPI_COMM_WORLD, &request[0]);
    if (error == MPI_SUCCESS) {
        error = MPI_Isend(out, (int)n_out, MPI_FLOAT, partner, TAG, MPI_COMM_WORLD, &request[1]);
    }
    return error == MPI_SUCCESS ? wait_for(ranks, request, 2, diag) : lost(error, diag);
}

/* What each distance left a rank with: [low, high) of the block. */
typedef struct span {
    size_t low, high;
} span;

enum { MOST_LEVELS = 16 };

/* The half that the rank keeps at this distance; the other one goes to its partner. */
static void halve(span whole, bool upper, span *kept, span *given)
{
    const size_t middle = whole.low + (whole.high - whole.low) / 2;
    const span low = {whole.low, middle}, high = {middle, whole.high};

    *kept = upper ? high : low;
    *given = upper ? low : high;
}

static estro_status sum_working(es_ranks *ranks, float *block, size_t n, int n_working,
                                estro_diag *diag)
{
    span level[MOST_LEVELS + 1] = {{0, n}};
    const int rank = ranks->table.rank;
    int depth = 0;

    for (int distance = 1; distance < n_working; distance *= 2, depth++) {
        span kept, given;
        halve(level[depth], rank & distance, &kept, &given);
        ES_TRY(swap(ranks, rank ^ distance, block + given.low, given.high - given.low, ranks->spare,
                    kept.high - kept.low, diag));
        for (size_t i = kept.low; i < kept.high; i++) {
            block[i] += ranks->spare[i - kept.low];
        }
        level[depth + 1] = kept;
    }
    for (int distance = n_working / 2; distance > 0; distance /= 2) {
        span kept, given;
        halve(level[--depth], rank & distance, &kept, &given);
        ES_TRY(swap(ranks, rank ^ distance, block + kept.low, kept.high - kept.low,
                    block + given.low, given.high - given.low, diag));
    }
    return ESTRO_OK;
}

/* Ranks without shards get the sum from a working one. */
static estro_status pass_on(es_ranks *ranks, float *block, size_t n, int n_working,
                            estro_diag *diag)
{
    const int rank = ranks->table.rank, count = ranks->table.count;
    MPI_Request request;

    if (rank >= n_working) {
        const int error =
            MPI_Irecv(block, (int)n, MPI_FLOAT, rank % n_working, TAG, MPI_COMM_WORLD, &request);
        return error == MPI_SUCCESS ? wait_for(ranks, &request, 1, diag) : lost(error, diag);
    }
    for (int to = rank + n_working; to < count; to += n_working) {
        const int error = MPI_Isend(block, (int)n, MPI_FLOAT, to, TAG, MPI_COMM_WORLD, &request);
        if (error != MPI_SUCCESS) {
            return lost(error, diag);
        }
        ES_TRY(wait_for(ranks, &request, 1, diag));
    }
    return ESTRO_OK;
}

static estro_status sum(void *self, float *block, size_t n, int n_working, estro_diag *diag)
{
    es_ranks *ranks = self;

    if (ranks->room < n / 2 + 1) {
        es_free(ranks->spare);
        ranks->spare = es_calloc(n / 2 + 1, sizeof *ranks->spare);
        ranks->room = ranks->spare ? n / 2 + 1 : 0;
        if (!ranks->spare) {
            return es_fail_memory(diag);
        }
    }
    if (ranks->table.rank < n_working) {
        ES_TRY(sum_working(ranks, block, n, n_working, diag));
    }
    return pass_on(ranks, block, n, n_working, diag);
}

static estro_status gather(void *self, double *x, size_t n, estro_diag *diag)
{
    es_ranks *ranks = self;
    MPI_Request request;

    const int error =
        MPI_Iallreduce(MPI_IN_PLACE, x, (int)n, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD, &request);
    return error == MPI_SUCCESS ? wait_for(ranks, &request, 1, diag) : lost(error, diag);
}

static bool is_started_by_mpirun(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMI_SIZE") || getenv("PMIX_RANK");
}

estro_status es_ranks_open(es_ranks **out, estro_diag *diag)
{
    MPI_Comm here;
    int given;

    *out = NULL;
    if (!is_started_by_mpirun()) {
        return ESTRO_OK;
    }
    es_ranks *ranks = es_calloc(1, sizeof *ranks);
    if (!ranks) {
        return es_fail_memory(diag);
    }
    int error = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given);
    if (error == MPI_SUCCESS) {
        MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
        MPI_Comm_rank(MPI_COMM_WORLD, &ranks->table.rank);
        MPI_Comm_size(MPI_COMM_WORLD, &ranks->table.count);
        error = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, ranks->table.rank,
                                    MPI_INFO_NULL, &here);
    }
    if (error != MPI_SUCCESS || ranks->table.count > MOST_RANKS) {
        es_free(ranks);
        return error == MPI_SUCCESS
                   ? es_fail(diag, ESTRO_ERR_ARGUMENT, "more than %d ranks", MOST_RANKS)
                   : lost(error, diag);
    }
    MPI_Comm_size(here, &ranks->here);
    MPI_Comm_free(&here);
    ranks->table.sum = sum;
    ranks->table.gather = gather;
    ranks->table.self = ranks;
    *out = ranks;
    return ESTRO_OK;
}

const es_learn_ranks *es_ranks_table(const es_ranks *ranks)
{
    return ranks ? &ranks->table : NULL;
}

int es_ranks_here(const es_ranks *ranks)
{
    return ranks ? ranks->here : 1;
}

estro_status es_ranks_share(es_ranks *ranks, double *value, estro_diag *diag)
{
    if (!ranks) {
        return ESTRO_OK;
    }
    *value = ranks->table.rank == 0 ? *value : 0;
    return gather(ranks, value, 1, diag);
}

estro_status es_ranks_agree(es_ranks *ranks, uint64_t hash, const char *what, estro_diag *diag)
{
    if (!ranks) {
        return ESTRO_OK;
    }
    /* In halves, which a double holds exactly. */
    double half[2] = {(double)(hash >> 32), (double)(hash & 0xffffffffu)};
    double *all = es_calloc((size_t)ranks->table.count, sizeof half);
    if (!all) {
        return es_fail_memory(diag);
    }
    memcpy(all + 2 * ranks->table.rank, half, sizeof half);
    estro_status status = gather(ranks, all, 2 * (size_t)ranks->table.count, diag);
    for (int r = 1; status == ESTRO_OK && r < ranks->table.count; r++) {
        if (memcmp(all, all + 2 * r, sizeof half) != 0) {
            status =
                es_fail(diag, ESTRO_ERR_ARGUMENT, "ranks 0 and %d have not the same %s", r, what);
        }
    }
    es_free(all);
    return status;
}

void es_ranks_stop(es_ranks *ranks)
{
    if (ranks) {
        atomic_store(&ranks->is_stopped, true);
    }
}

void es_ranks_close(es_ranks *ranks, bool in_order)
{
    if (!ranks) {
        return;
    }
    if (in_order) {
        MPI_Finalize();
    }
    es_free(ranks->spare);
    es_free(ranks);
}
