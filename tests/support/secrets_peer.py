#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""secrets_peer.py: plays a keyring (org.freedesktop.secrets) with one collection on the bus of
DBUS_SESSION_BUS_ADDRESS, as far as its specification says what the service asks it. Lines of JSON come in,
and each is answered by one:

  ["lock"], ["unlock"]       the collection, told by PropertiesChanged
  ["items"]                  what is in it: [label, attributes, length of the secret, the secret in hex] of each
  ["asked"]                  how often somebody wanted it to ask its user
  ["leave"], ["join"]        the keyring gives its name up, and takes it again
"""
import json
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME, PATH = "org.freedesktop.secrets", "/org/freedesktop/secrets"
COLLECTION = PATH + "/collection/login"
SERVICE, OF_COLLECTION, OF_ITEM = (f"org.freedesktop.Secret.{kind}" for kind in ("Service", "Collection", "Item"))
PROPERTIES = "org.freedesktop.DBus.Properties"


class Keyring(dbus.service.Object):
    sessions = 0

    @dbus.service.method(SERVICE, in_signature="sv", out_signature="vo")
    def OpenSession(self, algorithm, value):
        if algorithm != "plain":
            raise dbus.DBusException(name="org.freedesktop.DBus.Error.NotSupported")
        self.sessions += 1
        return dbus.String("", variant_level=1), dbus.ObjectPath(f"{PATH}/session/s{self.sessions}")

    @dbus.service.method(SERVICE, in_signature="a{ss}", out_signature="aoao")
    def SearchItems(self, attributes):
        found = [item.path for item in items if attributes.items() <= item.attributes.items()]
        none = dbus.Array([], signature="o")
        found = dbus.Array(found, signature="o")
        return (none, found) if collection.locked else (found, none)

    @dbus.service.method(SERVICE, in_signature="s", out_signature="o")
    def ReadAlias(self, name):
        return dbus.ObjectPath(COLLECTION if name == "default" else "/")

    @dbus.service.method(SERVICE, in_signature="ao", out_signature="aoo")
    def Unlock(self, objects):
        collection.asked += 1
        return dbus.Array([], signature="o"), dbus.ObjectPath(PATH + "/prompt/p1")


class Collection(dbus.service.Object):
    locked = "locked" in sys.argv
    asked = 0

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.locked

    @dbus.service.method(OF_COLLECTION, in_signature="a{sv}(oayays)b", out_signature="oo")
    def CreateItem(self, properties, secret, replace):
        if self.locked:
            raise dbus.DBusException(name="org.freedesktop.Secret.Error.IsLocked")
        items.append(Item(f"{COLLECTION}/{len(items) + 1}", properties, bytes(secret[2])))
        return dbus.ObjectPath(items[-1].path), dbus.ObjectPath("/")

    @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface, changed, invalidated):
        pass

    def set_locked(self, locked):
        self.locked = locked
        self.PropertiesChanged(OF_COLLECTION, {"Locked": locked}, [])


class Item(dbus.service.Object):
    def __init__(self, path, properties, secret):
        super().__init__(bus, path)
        self.path, self.secret = path, secret
        self.label = str(properties[OF_ITEM + ".Label"])
        self.attributes = {str(k): str(v) for k, v in properties[OF_ITEM + ".Attributes"].items()}

    @dbus.service.method(OF_ITEM, in_signature="o", out_signature="(oayays)")
    def GetSecret(self, session):
        if collection.locked:
            raise dbus.DBusException(name="org.freedesktop.Secret.Error.IsLocked")
        return session, dbus.ByteArray(b""), dbus.ByteArray(self.secret), "application/octet-stream"


def obey(verb):
    if verb in ("lock", "unlock"):
        collection.set_locked(verb == "lock")
    elif verb == "items":
        return [[item.label, item.attributes, len(item.secret), item.secret.hex()] for item in items]
    elif verb == "asked":
        return collection.asked
    elif verb == "leave":
        bus.release_name(NAME)
    elif verb == "join":
        bus.request_name(NAME)
    return None


def on_line(source, condition):
    line = sys.stdin.readline()
    if not line:
        loop.quit()
        return False
    print(json.dumps(obey(*json.loads(line))), flush=True)
    return True


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(os.environ["DBUS_SESSION_BUS_ADDRESS"])
items = []
keyring, collection = Keyring(bus, PATH), Collection(bus, COLLECTION)
bus.request_name(NAME)
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, on_line)
print("ready", flush=True)
loop.run()
