/* The floor under netview's figures: the same dumps of the kernel, received and parsed in C.
 *
 *   floor stats TIMES         RTM_GETSTATS of the namespace that it is in, all 25 counters of every link
 *   floor links TIMES PATH…   for each namespace: open, enter, socket, RTM_GETLINK, every attribute of every link, close, home
 * Prints for each time the CPU seconds that it took and the number of links.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 16384

struct found { int ifindex; unsigned flags, mtu, master, link; int nsid; char name[16]; unsigned char address[32]; __u64 counters[26]; };
static struct found links[MOST];
static char buffer[98304];

static void fail(const char *what) { perror(what); exit(1); }

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void copy(void *to, struct rtattr *a, size_t most) { size_t n = RTA_PAYLOAD(a); memcpy(to, RTA_DATA(a), n < most ? n : most); }

static void one_stats(struct nlmsghdr *h, struct found *f)
{
    struct if_stats_msg *m = NLMSG_DATA(h);
    int room = h->nlmsg_len - NLMSG_LENGTH(sizeof *m);
    f->ifindex = m->ifindex;
    for (struct rtattr *a = (void *)((char *)m + NLMSG_ALIGN(sizeof *m)); RTA_OK(a, room); a = RTA_NEXT(a, room))
        if (a->rta_type == IFLA_STATS_LINK_64) copy(f->counters, a, sizeof f->counters);
}

static void one_link(struct nlmsghdr *h, struct found *f)
{
    struct ifinfomsg *m = NLMSG_DATA(h);
    int room = h->nlmsg_len - NLMSG_LENGTH(sizeof *m);
    memset(f, 0, sizeof *f);
    f->ifindex = m->ifi_index;
    f->flags = m->ifi_flags;
    f->nsid = -1;
    for (struct rtattr *a = IFLA_RTA(m); RTA_OK(a, room); a = RTA_NEXT(a, room))
        switch (a->rta_type) {
        case IFLA_IFNAME: copy(f->name, a, sizeof f->name); break;
        case IFLA_ADDRESS: copy(f->address, a, sizeof f->address); break;
        case IFLA_MTU: copy(&f->mtu, a, 4); break;
        case IFLA_MASTER: copy(&f->master, a, 4); break;
        case IFLA_LINK: copy(&f->link, a, 4); break;
        case IFLA_LINK_NETNSID: copy(&f->nsid, a, 4); break;
        case IFLA_STATS64: copy(f->counters, a, sizeof f->counters); break;
        }
}

static int dump(int type, int from)
{
    struct { struct nlmsghdr h; union { struct if_stats_msg s; struct { struct ifinfomsg m; struct rtattr a; __u32 mask; } l; } b; } ask = {0};
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), count = from;
    ask.h.nlmsg_type = type;
    ask.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    if (type == RTM_GETSTATS) {
        ask.b.s.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
        ask.h.nlmsg_len = NLMSG_LENGTH(sizeof ask.b.s);
    } else {
        ask.b.l.a.rta_type = IFLA_EXT_MASK;
        ask.b.l.a.rta_len = RTA_LENGTH(4);
        ask.b.l.mask = RTEXT_FILTER_SKIP_STATS;
        ask.h.nlmsg_len = NLMSG_LENGTH(sizeof ask.b.l);
    }
    if (s < 0 || send(s, &ask, ask.h.nlmsg_len, 0) < 0) fail("send");
    for (;;) {
        int got = recv(s, buffer, sizeof buffer, 0);
        if (got <= 0) fail("recv");
        for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK(h, got); h = NLMSG_NEXT(h, got)) {
            if (h->nlmsg_type == NLMSG_ERROR || count == MOST) fail("dump");
            if (h->nlmsg_type == NLMSG_DONE) { close(s); return count; }
            if (type == RTM_GETSTATS) one_stats(h, &links[count++]);
            else one_link(h, &links[count++]);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 3) return 2;
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    for (int times = atoi(argv[2]); times > 0; times--) {
        double began = cpu();
        int count = 0;
        if (!strcmp(argv[1], "stats")) count = dump(RTM_GETSTATS, 0);
        else {
            count = dump(RTM_GETLINK, 0);
            for (int i = 3; i < argc; i++) {
                int f = open(argv[i], O_RDONLY | O_CLOEXEC);
                if (f < 0 || setns(f, CLONE_NEWNET)) fail(argv[i]);
                close(f);
                count = dump(RTM_GETLINK, count);
                if (setns(home, CLONE_NEWNET)) fail("home");
            }
        }
        printf("%.9f %d\n", cpu() - began, count);
    }
    return 0;
}
