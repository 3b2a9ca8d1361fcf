#!/usr/bin/env python3
"""Checks an export, a receipt or the proof of an entry of Notify's audit history, and what people have signed in it,
without Notify and without a network.

    python3 notify_verify.py FILE.ndjson|FILE.csv|PROOF.json --key KEY

KEY is the log's public key (name+number+base64), or a file with one or more of them. Get it from the one you
trust, not from whoever gave you the export. Exit code 0: exactly what was recorded. 1: not. 2: it could not be checked.

Written from docs/proofs.md, RFC 8032 and RFC 9162 alone, with nothing but Python's standard library.
"""
import base64
import functools
import hashlib
import json
import os
import re
import sys
import unicodedata
from datetime import datetime

FORMAT = "notify-audit-export/1"
SEAL_FORMAT = "notify-signature/1"


class Bad(Exception):
    """The export is not what was recorded; the text says why."""


# --- Ed25519: RFC 8032, section 5.1 ---------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    """Section 5.1.4; a point is (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_mul(s, p):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = point_add(q, p)
        p = point_add(p, p)
        s >>= 1
    return q


def point_equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point_decode(data):
    """Section 5.1.3. None: the bytes are no point."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=64)
def ed25519_verify(public, message, signature):
    """Section 5.1.7."""
    a, r, s = point_decode(public), point_decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return point_equal(point_mul(s, BASE), point_add(r, point_mul(k, a)))


# --- Signed notes and checkpoints: c2sp.org/signed-note, c2sp.org/tlog-checkpoint -------------------------------------


def unbase64(text, length):
    """In the one form that base 64 writes; the bits that it leaves over must be zero."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return None
    return data if len(data) == length and base64.b64encode(data).decode() == text else None


class Key:
    def __init__(self, text):
        parts = text.strip().split("+", 2)
        data = unbase64(parts[2], 33) if len(parts) == 3 else None
        if data is None or data[0] != 1:
            raise ValueError("The key is not an Ed25519 key of the form name+number+base64.")
        self.name, self.public = parts[0], data[1:]
        self.number = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4]
        if self.number.hex() != parts[1]:
            raise ValueError("The key's number does not fit its name and value.")


def note_text(note, keys):
    """The text of a note that one of the keys has signed; None if none has, or one of their signatures is bad."""
    split = note.rfind("\n\n")
    if split < 0 or not note.endswith("\n"):
        return None
    text, good = note[: split + 1], 0
    lines = note[split + 2 :].split("\n")[:-1]
    if not 0 < len(lines) <= 16 or not all(line.startswith("\u2014 ") for line in lines):
        return None
    for line in lines:
        for key in keys:
            start = "\u2014 %s " % key.name
            signature = unbase64(line[len(start) :], 68) if line.startswith(start) else None
            if signature is None or signature[:4] != key.number:
                continue
            if not ed25519_verify(key.public, text.encode(), signature[4:]):
                return None
            good += 1
    return text if good else None


def signed_checkpoint(note, keys):
    """The checkpoint of a note, and the keys that bear the name of its log: those of another installation sign nothing here."""
    text = note_text(note, keys) if is_text(note) else None
    if text is None:
        raise Bad("The checkpoint is not signed with this key.")
    checkpoint = Checkpoint(text)
    own = [key for key in keys if key.name == checkpoint.origin]
    if not own:
        raise Bad("The checkpoint is of another log.")
    if note_text(note, own) is None:
        raise Bad("The checkpoint is not signed with this key.")
    return checkpoint, own


class Checkpoint:
    def __init__(self, text):
        lines = text.split("\n")
        root = unbase64(lines[2], 32) if len(lines) == 5 else None
        if root is None or not lines[0] or lines[4] or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]):
            raise Bad("The checkpoint is malformed.")
        if not re.fullmatch("at [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", lines[3]):
            raise Bad("The checkpoint is malformed.")
        try:
            datetime.strptime(lines[3], "at %Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            raise Bad("The checkpoint is malformed.")
        self.origin, self.size, self.root, self.at = lines[0], int(lines[1]), root, lines[3][3:]


# --- The tree: RFC 9162, section 2.1.1 ------------------------------------------------------------------------------


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Grows at its right edge; known by the roots of its complete subtrees."""

    def __init__(self):
        self.size, self.parts = 0, []

    def append(self, value, height=0):
        self.size += 1 << height
        while self.parts and self.parts[-1][0] == height:
            value, height = node_hash(self.parts.pop()[1], value), height + 1
        self.parts.append((height, value))

    def root(self):
        if not self.parts:
            return hashlib.sha256(b"").digest()
        root = self.parts[-1][1]
        for _, value in reversed(self.parts[:-1]):
            root = node_hash(value, root)
        return root


def height_at(start, end):
    """The height of the largest complete subtree that begins at start and ends at or before end."""
    fitting = (end - start).bit_length() - 1
    return fitting if start == 0 else min(fitting, (start & -start).bit_length() - 1)


# --- Canonical JSON and entries: docs/proofs.md ---------------------------------------------------------------------


class Number(str):
    """A number, as it is written."""


SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
ESCAPED = re.compile('["\\\\\x00-\x1f]')


def quoted(text):
    return ('"%s"' % ESCAPED.sub(lambda m: SHORT.get(m[0]) or "\\u%04x" % ord(m[0]), text)).encode("utf-8")


def canonical(value, out, replace=None):
    if replace is not None:
        value = replace(value)
    if isinstance(value, dict):
        members = sorted(((name.encode("utf-8"), quoted(name), member) for name, member in value.items()), key=lambda x: (len(x[0]), x[0]))
        out.append(b"{")
        for i, (_, name, member) in enumerate(members):
            out.append((b"," if i else b"") + name + b":")
            canonical(member, out, replace)
        out.append(b"}")
    elif isinstance(value, list):
        out.append(b"[")
        for i, element in enumerate(value):
            if i:
                out.append(b",")
            canonical(element, out, replace)
        out.append(b"]")
    elif isinstance(value, Number):
        out.append(value.encode())
    elif isinstance(value, str):
        out.append(quoted(value))
    else:
        out.append({True: b"true", False: b"false", None: b"null"}[value])


def to_bytes(value, replace=None):
    out = []
    canonical(value, out, replace)
    return b"".join(out)


def unique(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("A member is there twice.")
    return value


def refuse(text):
    raise ValueError("%s is no JSON." % text)


def parse(line):
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=unique, parse_int=Number, parse_float=Number, parse_constant=refuse)
        if to_bytes(value) == line:
            return value
    except (ValueError, RecursionError):
        pass
    raise Bad("The line is not canonical JSON.")


def unhex(value, length):
    if not isinstance(value, str) or isinstance(value, Number) or not re.fullmatch("[0-9a-f]{%d}" % (2 * length), value):
        raise Bad("A value should be %d bytes in lower-case hexadecimal digits." % length)
    return bytes.fromhex(value)


def is_text(value):
    return isinstance(value, str) and not isinstance(value, Number)


def hide(value):
    """A personal value counts by its commitment: SHA-256 of salt and value."""
    if not isinstance(value, dict) or list(value) != ["$personal"]:
        return value
    pair = value["$personal"]
    if not isinstance(pair, list) or len(pair) != 2 or not is_text(pair[1]):
        raise Bad("A personal value is a salt and a text.")
    return {"$commitment": hashlib.sha256(unhex(pair[0], 16) + quoted(pair[1])).hexdigest()}


def entry_leaf(entry):
    if not isinstance(entry, dict) or not set(entry) <= {"at", "id", "seq", "body", "salt", "type", "stream", "version"}:
        raise Bad("The entry has an unknown member.")
    head = {name: required(entry, name) for name in ("at", "id", "seq", "body", "type", "stream", "version")}
    body = entry["body"]
    if isinstance(body, dict) and list(body) == ["$commitment"]:
        if "salt" in entry:
            raise Bad("An erased body has no salt.")
        head["body"] = unhex(body["$commitment"], 32).hex()
    else:
        head["body"] = hashlib.sha256(unhex(required(entry, "salt"), 16) + to_bytes(body, hide)).hexdigest()
    return leaf_hash(to_bytes(head))


# --- What people have signed: docs/proofs.md, "Signatures" ------------------------------------------------------------

PROPOSED, APPROVED = "access.change_proposed.v1", "access.proposal_approved.v1"
SIGNED, POLICY = "access.proposal_signed.v1", "access.approval_policy_changed.v1"
# What they mean. Their seal is a MAC of the installation's key file, which no public key checks: only the installation can tell who made them. That
# they are of just what they stand with, everybody can.
SIGNED_BY_KEY_FILE = {
    "access.emergency_requested.v1": "requested", "access.emergency_opened.v1": "confirmed", "access.emergency_reviewed.v1": "reviewed",
    "audit.history_reviewed.v1": "reviewed"}
EMERGENCY = "emergency-"
LINE, HIDDEN = "%s by %s at %s with a %s: %s (%s)", "something that was erased since, or is not shown"
MEMBERS = {"signer", "displayName", "signedAt", "meaning", "method", "content", "hash", "leaf", "seal"}


class Erased:
    """Stands where a personal value was."""


def plain_data(value):
    """An event's data as it is stored: without the salts and signs that an export adds."""
    if isinstance(value, dict):
        if list(value) == ["$personal"]:
            return value["$personal"][1]
        if list(value) == ["$commitment"]:
            return Erased
        return {name[1:] if name.startswith("$$") else name: plain_data(member) for name, member in value.items()}
    return [plain_data(element) for element in value] if isinstance(value, list) else value


def has_erased(value):
    if isinstance(value, dict):
        return any(map(has_erased, value.values()))
    return any(map(has_erased, value)) if isinstance(value, list) else value is Erased


def text_of(value, name):
    text = value.get(name) if isinstance(value, dict) else None
    return text if is_text(text) else None


class Signatures:
    """Goes through entries in their order; raises Bad for a signature or an approval that does not hold."""

    def __init__(self, keys, origin):
        self.keys, self.origin, self.rule = keys, origin, None
        self.proposals, self.approvals, self.by_author, self.hashes, self.claims, self.good = {}, {}, set(), set(), [], []
        self.emergencies, self.emergency_claims = {}, []

    def add(self, entry, leaf, place):
        body, kind, stream = entry["body"], text_of(entry, "type"), text_of(entry, "stream")
        headers, user = member(body, "headers"), text_of(body, "user")
        if text_of(headers, "proposal") is not None:
            self.claims.append((text_of(headers, "proposal"), text_of(headers, "approved-by"), place))
        if text_of(headers, "emergency") is not None:
            self.emergency_claims.append((text_of(headers, "emergency"), place))
        has_data = isinstance(body, dict) and "data" in body
        if kind in SIGNED_BY_KEY_FILE or (stream or "").startswith(EMERGENCY):
            self.by_key_file(kind, stream or "", entry["version"], user, plain_data(body["data"]) if has_data else None)
            return
        if has_data and kind not in (PROPOSED, APPROVED, SIGNED, POLICY) and member(body["data"], "signature") is None:
            return
        data = plain_data(body["data"]) if has_data else None
        if kind == PROPOSED and entry["version"] == "1":
            content = hashlib.sha256(to_bytes(data)).hexdigest() if has_data and not has_erased(data) else None
            words = [text_of(data, name) for name in ("verb", "kind", "name")]
            what = '%s %s "%s"' % tuple(words) if None not in words else None
            self.proposals[stream] = (user, leaf.hex(), content, what)
            return
        if kind == POLICY:
            self.rule = text_of(data, "signature")
            return
        if kind == APPROVED:
            self.approvals[stream] = user
        if not has_data:
            return
        subject = self.proposals.get(stream)
        if kind == APPROVED and subject and subject[0] is not None and subject[0] == user:
            raise Bad("Who proposed the change has approved it.")
        signature = data.get("signature") if isinstance(data, dict) else None
        if signature is None:
            if kind == APPROVED and self.rule in ("approver", "both"):
                raise Bad("It was approved without the signature that the policy asked for.")
        elif kind in (APPROVED, SIGNED) or isinstance(signature, dict):
            self.signed(kind, stream, user, subject, signature)
            if kind == APPROVED and self.rule == "both" and stream not in self.by_author:
                raise Bad("It was approved without the signature of its author that the policy asked for.")

    def signed(self, kind, stream, user, subject, signature):
        if not isinstance(signature, dict) or not set(signature) <= MEMBERS or any(text_of(signature, x) is None for x in MEMBERS - {"displayName"}):
            raise Bad("The signature is malformed.")
        signer, at, meaning, method, content, digest, leaf = (
            text_of(signature, x) for x in ("signer", "signedAt", "meaning", "method", "content", "hash", "leaf"))
        name = signature.get("displayName")
        said = {"proposal": stream, "content": content, "signer": signer, "displayName": name, "signedAt": at, "meaning": meaning, "method": method}
        if name is not Erased and (not is_text(name) or digest != hashlib.sha256(to_bytes(said)).hexdigest()):
            raise Bad("The signature was altered, or was made for something else.")
        sealed = note_text(signature["seal"], self.keys)
        if sealed is None:
            raise Bad("The signature is not sealed with this key: Notify did not make it, or made it with another key.")
        if sealed != "".join(x + "\n" for x in (SEAL_FORMAT, self.origin, stream, leaf, content, signer, at, meaning, method, digest)):
            raise Bad("The seal of the signature was made for something else.")
        if signer != user:
            raise Bad("The signature is another person's than who has it on record.")
        if subject is None:
            raise Bad("What was signed is not there.")
        author, signed_leaf, signed_content, what = subject
        if signed_leaf != leaf or signed_content not in (None, content):
            raise Bad("What is there is not what was signed.")
        if (kind == APPROVED and meaning != "approved") or (kind == SIGNED and meaning != "proposed"):
            raise Bad("The signature means something else than its event.")
        if kind == SIGNED and author not in (None, signer):
            raise Bad("Somebody else than its author has signed the proposal.")
        if digest in self.hashes:
            raise Bad("The signature is there twice.")
        self.hashes.add(digest)
        if kind == SIGNED:
            self.by_author.add(stream)
        who = signer if name is Erased else "%s (%s)" % (name, signer)
        if signed_content is None:
            what = None
        self.good.append("SIGNED  " + LINE % (meaning, who, at, method, what or HIDDEN, stream))

    def by_key_file(self, kind, stream, version, user, data):
        """data: None if it is not shown."""
        emergency = self.emergencies.setdefault(stream, Emergency()) if stream.startswith(EMERGENCY) else None
        if kind in SIGNED_BY_KEY_FILE and data is not None:
            self.signed_by_key_file(SIGNED_BY_KEY_FILE[kind], stream, version, user, data, emergency)
        if emergency is not None:
            if SIGNED_BY_KEY_FILE.get(kind) == "confirmed":
                emergency.is_open = True
            emergency.events.append((str(version), data))

    def signed_by_key_file(self, meaning, stream, version, user, data, emergency):
        signature = data.get("signature") if isinstance(data, dict) else None
        if signature is None:
            raise Bad("It is not signed.")
        if "-" not in stream or not isinstance(signature, dict) or set(signature) - {"displayName"} != MEMBERS - {"displayName", "leaf"} or any(
            text_of(signature, x) is None for x in MEMBERS - {"displayName", "leaf"}):
            raise Bad("The signature is malformed.")
        signer, at, means, method, content, digest = (text_of(signature, x) for x in ("signer", "signedAt", "meaning", "method", "content", "hash"))
        name = signature.get("displayName")
        said = {
            stream.split("-")[0]: stream, "content": content, "signer": signer, "displayName": name, "signedAt": at, "meaning": means, "method": method}
        if name is not Erased and (not is_text(name) or digest != hashlib.sha256(to_bytes(said)).hexdigest()):
            raise Bad("The signature was altered, or was made for something else.")
        if signer != user:
            raise Bad("The signature is another person's than who has it on record.")
        if means != meaning:
            raise Bad("The signature means something else than its event.")
        rest = {name: value for name, value in data.items() if name != "signature"}
        is_erased = has_erased(data)
        if not is_erased and content != hashlib.sha256(to_bytes(rest)).hexdigest():
            raise Bad("What is there is not what was signed.")
        if digest in self.hashes:
            raise Bad("The signature is there twice.")
        self.hashes.add(digest)
        if emergency is not None:
            emergency.signed(meaning, content, signer, version, rest)
        who = signer if name is Erased else "%s (%s)" % (name, signer)
        what = "emergency" if emergency is not None else "history from %s to %s" % (text_of(data, "from") or "", text_of(data, "to") or "")
        self.good.append("BOUND   " + LINE % (meaning, who, at, method, HIDDEN if is_erased else what, stream))

    def end(self):
        """Raises Bad with the place of a change whose approval or emergency is not there."""
        for proposal, approver, place in self.claims:
            if proposal not in self.approvals:
                raise Missing("The change names an approval that is not there.", place)
            if self.approvals[proposal] not in (None, approver):
                raise Missing("The change names another approver than its approval.", place)
        for stream, place in self.emergency_claims:
            if stream not in self.emergencies or not self.emergencies[stream].is_open:
                raise Missing("The change names an emergency that is not there.", place)


class Emergency:
    """What of an emergency has come by: who has signed what, and all its events, with None for what is not shown."""

    def __init__(self):
        self.is_open, self.events, self.people, self.request = False, [], set(), None

    def signed(self, meaning, content, signer, version, rest):
        if signer in self.people:
            raise Bad("One person has signed an emergency twice.")
        self.people.add(signer)
        if meaning == "requested":
            self.request = content
        if meaning == "confirmed" and self.request not in (None, text_of(rest, "request")):
            raise Bad("What was confirmed is not what was requested.")
        events = [data for _, data in self.events]
        if meaning != "reviewed" or [x for x, _ in self.events] + [str(version)] != [str(i + 1) for i in range(len(events) + 1)]:
            return
        if any(x is None or has_erased(x) for x in events):
            return
        if text_of(rest, "reviewed") != hashlib.sha256(to_bytes({"events": events})).hexdigest():
            raise Bad("The events are not what was reviewed.")


class Missing(Bad):
    def __init__(self, text, place):
        super().__init__(text)
        self.place = place


# --- The export -----------------------------------------------------------------------------------------------------


def required(value, name):
    if name not in value:
        raise Bad("The line has no %s." % name)
    return value[name]


def only(value, *names):
    if not isinstance(value, dict) or not set(value) <= set(names):
        raise Bad("The line has an unknown member.")


def whole(value):
    if not isinstance(value, Number) or not re.fullmatch("0|[1-9][0-9]{0,17}", value):
        raise Bad("Something is not a whole number.")
    return int(value)


def check(lines, keys):
    """lines: with their line feeds. Returns the checkpoint, the number of entries and what people have signed. Raises Bad, with the line's number."""
    tree, digest, checkpoint, entries, ended, number, signatures = Tree(), hashlib.sha256(), None, 0, False, 0, None
    try:
        for number, line in enumerate(lines, 1):
            if ended:
                raise Bad("Something follows the end.")
            if not line.endswith(b"\n"):
                raise Bad("The last line has no end.")
            value = parse(line[:-1])
            if not isinstance(value, dict):
                raise Bad("The line is not an object.")
            if checkpoint is None:
                only(value, "filter", "format", "checkpoint")
                if required(value, "format") != FORMAT:
                    raise Bad("The format is not %s." % FORMAT)
                checkpoint, keys = signed_checkpoint(required(value, "checkpoint"), keys)
                if not isinstance(required(value, "filter"), dict):
                    raise Bad("The line has no filter.")
                is_whole = not value["filter"]
                signatures = Signatures(keys, checkpoint.origin)
            elif "entry" in value:
                only(value, "entry", "index")
                if whole(required(value, "index")) != tree.size or tree.size >= checkpoint.size:
                    raise Bad("The entry has a wrong index.")
                leaf = entry_leaf(value["entry"])
                tree.append(leaf)
                entries += 1
                signatures.add(value["entry"], leaf, number)
            elif "skip" in value:
                only(value, "skip")
                only(value["skip"], "to", "hashes")
                if is_whole:
                    raise Bad("Entries are missing, though nothing was filtered.")
                to, hashes = whole(required(value["skip"], "to")), required(value["skip"], "hashes")
                if not tree.size < to <= checkpoint.size or not isinstance(hashes, list):
                    raise Bad("The skip ends at an impossible index.")
                for item in hashes:
                    if tree.size >= to:
                        raise Bad("The skip has too many hashes.")
                    tree.append(unhex(item, 32), height_at(tree.size, to))
                if tree.size != to:
                    raise Bad("The skip has too few hashes.")
            elif "end" in value:
                only(value, "end")
                if tree.size != checkpoint.size or tree.root() != checkpoint.root:
                    raise Bad("The entries are not those that were signed.")
                expected = "%s\n%s\n%d\n%s\n" % (FORMAT, checkpoint.origin, entries, base64.b64encode(digest.digest()).decode())
                if not is_text(value["end"]) or not value["end"].startswith(expected + "\n"):
                    raise Bad("The end is not signed over the lines before it.")
                if note_text(value["end"], keys) != expected:
                    raise Bad("The end is not signed with this key.")
                ended = True
                signatures.end()
            else:
                raise Bad("The line is not of a kind that an export has.")
            digest.update(line)
        if not ended:
            raise Bad("The export has no end.")
    except Bad as bad:
        raise Bad("line %d: %s" % (getattr(bad, "place", number), bad))
    return checkpoint, entries, signatures.good


# --- The proof of one entry: RFC 9162, section 2.1.3.2 ------------------------------------------------------------------


def is_included(index, size, leaf, path, root):
    if index >= size:
        return False
    fn, sn, value = index, size - 1, leaf
    for item in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = node_hash(item, value)
            while fn & 1 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node_hash(value, item)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root


def check_proof(data, keys):
    """The answer of GET /audit/proof/{sequence}. Returns the same as check."""
    try:
        proof = json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_int=Number, parse_float=Number, parse_constant=refuse)
        checkpoint, keys = signed_checkpoint(proof["checkpoint"], keys)
        if whole(proof["size"]) != checkpoint.size:
            raise Bad("The checkpoint has another size.")
        signatures, entries = Signatures(keys, checkpoint.origin), sorted(proof.get("related", []) + [proof], key=lambda x: whole(x["index"]))
        for one in entries:
            leaf, index = entry_leaf(one["entry"]), whole(one["index"])
            if one["leafHash"] != leaf.hex() or one["sequence"] != one["entry"]["seq"]:
                raise Bad("The entry is not the one that is proved.")
            if not is_included(index, checkpoint.size, leaf, [unhex(x, 32) for x in one["path"]], checkpoint.root):
                raise Bad("The entry is not in the history that was signed.")
            signatures.add(one["entry"], leaf, index)
        signatures.end()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Bad("This is not the proof of an entry.")
    return checkpoint, len(entries), signatures.good


# --- CSV: each row's last column is the line, the others follow from it -----------------------------------------------

HEADER = b"sequence,at,type,stream,version,actor,actorName,sourceIp,reason,correlation,causation,record\r\n"


def csv_quoted(text):
    return '"%s"' % text.replace('"', '""')


def plain(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        pair = value.get("$personal")
        if isinstance(pair, list) and len(pair) == 2 and is_text(pair[1]):
            return pair[1]
        if "$commitment" in value:
            return "[erased]"
    return to_bytes(value).decode()


def member(value, name):
    return value.get(name) if isinstance(value, dict) else None


def csv_row(line):
    value = parse(line)
    entry = member(value, "entry")
    columns = ""
    if isinstance(value, dict) and "entry" in value:
        body = member(entry, "body")
        headers = member(body, "headers")
        values = [member(entry, x) for x in ("seq", "at", "type", "stream", "version")] + [member(body, "user")]
        values += [member(headers, x) for x in ("actor-name", "source-ip", "reason")] + [member(body, x) for x in ("correlation", "causation")]
        for text in map(plain, values):
            columns += csv_quoted("'" + text if text[:1] and text[0] in "=+-@\t\r" else text) + ","
    else:
        columns = "," * 11
    return (columns + csv_quoted(line.decode("utf-8")) + "\r\n").encode("utf-8")


def csv_lines(file):
    if file.readline() != HEADER:
        raise Bad("The first row does not name the columns.")
    row, quotes = b"", 0
    for part in file:
        row, quotes = row + part, quotes + part.count(b'"')
        if quotes % 2:
            continue
        # The record is the last column and always in quotation marks; inside it each of them is doubled.
        start = re.search(rb'(?:^|,)"((?:[^"]|"")*)"\r\n\Z', row)
        if start is None:
            raise Bad("A row has no record.")
        line = start[1].replace(b'""', b'"')
        if csv_row(line) != row:
            raise Bad("The columns do not match the record.")
        yield line + b"\n"
        row, quotes = b"", 0
    if row:
        raise Bad("The last row has no end.")


def main(arguments):
    if len(arguments) != 3 or arguments[1] != "--key":
        print(__doc__, file=sys.stderr)
        return 2
    path, _, given = arguments
    try:
        texts = open(given, encoding="utf-8").read().split("\n") if os.path.exists(given) else [given]
        keys = [Key(text) for text in texts if text.strip()]
        with open(path, "rb") as file:
            if path.lower().endswith(".json"):
                checkpoint, entries, signed = check_proof(file.read(), keys)
            else:
                checkpoint, entries, signed = check(csv_lines(file) if path.lower().endswith(".csv") else file, keys)
    except Bad as bad:
        print("BAD   %s" % bad)
        return 1
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print("GOOD  %d entries of %s, as signed at %s over %d entries in all." % (entries, checkpoint.origin, checkpoint.at, checkpoint.size))
    for line in signed:
        # A name must not write to a terminal what its reader takes for the program's.
        print("".join(" " if unicodedata.category(x) == "Cc" else x for x in line))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
