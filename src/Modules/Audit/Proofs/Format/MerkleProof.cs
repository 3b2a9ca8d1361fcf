using System.Numerics;
using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <summary>Inclusion and consistency proofs: RFC 9162, sections 2.1.3 and 2.1.4. A proof is a list of hashes of subtrees.</summary>
public static class MerkleProof
{
    /// <summary>The leaves [Start, End) under one hash of a proof.</summary>
    public readonly record struct Subtree(long Start, long End);

    /// <summary>PATH(m, D[n]), section 2.1.3.1.</summary>
    public static List<Subtree> Inclusion(long index, long size)
    {
        var path = new List<Subtree>();
        Walk(0, size);
        return path;

        void Walk(long start, long end)
        {
            if (end - start == 1) return;
            var middle = Split(start, end);
            if (index < middle)
            {
                Walk(start, middle);
                path.Add(new(middle, end));
            }
            else
            {
                Walk(middle, end);
                path.Add(new(start, middle));
            }
        }
    }

    /// <summary>PROOF(m, D[n]), section 2.1.4.1, for 0 &lt; <paramref name="first"/> &lt;= <paramref name="second"/>.</summary>
    public static List<Subtree> Consistency(long first, long second)
    {
        var path = new List<Subtree>();
        Walk(0, second, whole: true);
        return path;

        void Walk(long start, long end, bool whole)
        {
            if (first == end)
            {
                if (!whole) path.Add(new(start, end));
                return;
            }

            var middle = Split(start, end);
            if (first <= middle)
            {
                Walk(start, middle, whole);
                path.Add(new(middle, end));
            }
            else
            {
                Walk(middle, end, whole: false);
                path.Add(new(start, middle));
            }
        }
    }

    /// <summary>Section 2.1.3.2.</summary>
    public static bool VerifyInclusion(long index, long size, ReadOnlySpan<byte> leaf, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size) return false;
        var (fn, sn) = (index, size - 1);
        Span<byte> r = stackalloc byte[Sha256.Size];
        leaf.CopyTo(r);
        foreach (var p in path)
        {
            if (sn == 0 || p.Length != Sha256.Size) return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                TreeHash.Node(r, p, r);
                while ((fn & 1) == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                TreeHash.Node(r, r, p);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && r.SequenceEqual(root);
    }

    /// <summary>Section 2.1.4.2. The empty tree is consistent with every other.</summary>
    public static bool VerifyConsistency(
        long first, long second, ReadOnlySpan<byte> firstRoot, ReadOnlySpan<byte> secondRoot, IReadOnlyList<byte[]> path)
    {
        if (first < 0 || first > second) return false;
        if (first == 0) return path.Count == 0;
        if (first == second) return path.Count == 0 && firstRoot.SequenceEqual(secondRoot);
        var hashes = BitOperations.IsPow2(first) ? [firstRoot.ToArray(), .. path] : path;
        if (hashes.Count == 0 || hashes.Any(x => x.Length != Sha256.Size)) return false;
        var (fn, sn) = (first - 1, second - 1);
        while ((fn & 1) == 1) (fn, sn) = (fn >> 1, sn >> 1);
        byte[] fr = [.. hashes[0]], sr = [.. hashes[0]];
        foreach (var c in hashes.Skip(1))
        {
            if (sn == 0) return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                TreeHash.Node(fr, c, fr);
                TreeHash.Node(sr, c, sr);
                while ((fn & 1) == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                TreeHash.Node(sr, sr, c);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && firstRoot.SequenceEqual(fr) && secondRoot.SequenceEqual(sr);
    }

    /// <summary>Where a tree divides: its left part is the largest power of two below its size.</summary>
    public static long Split(long start, long end) => start + (1L << BitOperations.Log2((ulong)(end - start - 1)));
}
