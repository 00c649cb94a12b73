# SPDX-License-Identifier: Apache-2.0
"""Whom the machines of a site ask before the origin: nobody, each other, a swarm, a cache of the site."""
import json
import os
import re
import shutil

from site_world import ADDRESS, CACHE, digest_of
from world import wait_until

MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "docs", "neighbours.md")


class Source:
    """The origin alone; the others differ from it in what they need and where they keep what they give."""
    name = "no neighbours"
    needs_avahi = False

    def missing(self, _site):
        """Why it cannot be measured here."""
        return None

    def settings(self, _machine):
        """Lines of [Peers]."""
        return ""

    def start(self, site):
        """What is there before the machines."""

    def meet(self, site):
        """Returns when the machines know each other."""

    def held(self, _machine):
        """Files from which this one's fetch is given to others."""
        return []

    def settle(self, machine):
        """Returns when others can have what this machine fetched."""
        site = machine.site
        wait_until(lambda: sum(os.path.getsize(path) for path in self.held(machine)) >= site.size, "what is kept")


class Neighbours(Source):
    name = "neighbours"
    needs_avahi = True

    def missing(self, _site):
        return None if shutil.which("avahi-daemon") else "avahi-daemon is not installed"

    def settings(self, machine):
        keys = "".join(f"StaticPeers = {one.key}\n" for one in machine.site.machines if one is not machine)
        return f"Enable = yes\nTrust = list\nCachePercent = 5\nServeBitsPerSec = 1000000000\n{keys}"

    def meet(self, site):
        for machine in site.machines:
            wait_until(lambda one=machine: one.found() == len(site.machines) - 1, f"what {machine.name} finds", 60)

    def held(self, machine):
        return files(os.path.join(machine.state, "peer-cache"), lambda name: not name.endswith(".new"))

    def settle(self, machine):
        wait_until(lambda: any(one["validated"] for one in json.loads(machine.command("cache", "list", "--json"))),
                   "what is offered")


class Swarm(Source):
    name = "libtorrent"

    def missing(self, site):
        return None if os.path.exists(site.swarm) else "backhaul-swarm is not installed there"

    def settings(self, _machine):
        return "Swarm = yes\n"

    def held(self, machine):
        folder = os.path.join(machine.root, "cache", "backhaul-swarm")
        return files(folder, lambda name: re.fullmatch("[0-9a-f]{64}", name))


class Cache(Source):
    """The nginx of docs/neighbours.md, in a namespace of its own."""
    name = "site cache"

    def settings(self, _machine):
        return f"CacheHost = http://{ADDRESS}2\n"

    def folder(self, site):
        return os.path.join(site.folder, "site-cache")

    def start(self, site):
        folder = self.folder(site)
        os.makedirs(os.path.join(folder, "kept"), exist_ok=True)
        with open(MANUAL, encoding="utf-8") as manual:
            config, = re.findall(r"```nginx\n(.*?)```", manual.read(), re.DOTALL)
        # The first three are said by whoever begins it.
        for before, after in ((r"worker_processes .*;", ""), (r"pid .*;", ""), (r"error_log .*;", ""),
                              (r"access_log .*;", "access_log off;"),
                              (r"/var/cache/nginx/site", os.path.join(folder, "kept"))):
            config, changed = re.subn(before, after, config, count=1)
            if not changed:
                raise SystemExit(f"bench: {before} is not in the configuration of docs/neighbours.md")
        site.start_nginx(CACHE, folder, config)

    def held(self, machine):
        return files(os.path.join(self.folder(machine.site), "kept"), lambda name: True)


def files(folder, wanted):
    return [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names if wanted(name)]


def spoil(paths):
    """What is kept for others says something else in its second half."""
    for path in paths:
        before, size = digest_of(path), os.path.getsize(path)
        with open(path, "r+b") as file:
            file.seek(size // 2)
            file.write(bytes(size - size // 2))
        if digest_of(path) == before:
            raise SystemExit(f"bench: {path} cannot be spoiled")


SOURCES = [Source(), Neighbours(), Swarm(), Cache()]
