"""Text of /proc, as the kernel writes it."""

from netview.decode.procfs import NsfsMount, nsfs_mounts

_MOUNTINFO = b"""\
22 42 0:4 net:[4026532924] /run/netns/nginx-1 rw shared:12 - nsfs nsfs rw
23 42 0:4 net:[4026532993] /run/netns/two\\040words rw - nsfs nsfs rw
24 42 0:5 / /run rw - tmpfs tmpfs rw
25 24 0:4 net:[4026533062] /run/netns/nginx-1 rw - nsfs nsfs rw
26 24 0:4 mnt:[4026533063] /run/docker/mnt rw - nsfs nsfs rw
"""


def test_of_two_mounts_on_one_path_the_one_on_top_counts() -> None:
    assert list(nsfs_mounts(_MOUNTINFO)) == [
        NsfsMount(4026532993, "/run/netns/two words"),
        NsfsMount(4026533062, "/run/netns/nginx-1"),
    ]
