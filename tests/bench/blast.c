/* Sends numbered UDP packets of 64 bytes: blast ADDRESS PORT RATE SECONDS; RATE 0: as fast as it can. Prints how many went. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 50
#define SIZE 64

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static void rest(double seconds)
{
    struct timespec left = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    if (seconds > 0)
        nanosleep(&left, NULL);
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    static char bodies[BATCH][SIZE];
    static struct mmsghdr messages[BATCH];
    static struct iovec pieces[BATCH];
    uint64_t sent = 0;

    if (argc != 5 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        return 2;
    to.sin_port = htons(atoi(argv[2]));
    double rate = atof(argv[3]), seconds = atof(argv[4]);
    int out = socket(AF_INET, SOCK_DGRAM, 0);
    for (int one = 0; one < BATCH; one++) {
        pieces[one] = (struct iovec){bodies[one], SIZE};
        messages[one].msg_hdr = (struct msghdr){.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &pieces[one], .msg_iovlen = 1};
    }
    double began = now();
    while (now() < began + seconds) {
        for (int one = 0; one < BATCH; one++) {
            uint64_t number = sent + one;
            memcpy(bodies[one], &number, sizeof number);
        }
        /* Unconnected, it hears of no port that is unreachable. */
        int went = sendmmsg(out, messages, BATCH, 0);
        if (went < 0)
            return 1;
        sent += went;
        if (rate > 0)
            rest(began + sent / rate - now());
    }
    printf("%llu %.6f\n", (unsigned long long)sent, now() - began);
    return 0;
}
