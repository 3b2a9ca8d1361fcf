using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <summary>The hashes of a Merkle tree: RFC 9162, section 2.1.1.</summary>
public static class TreeHash
{
    private static ReadOnlySpan<byte> LeafPrefix => [0x00];
    private static ReadOnlySpan<byte> NodePrefix => [0x01];

    public static void Leaf(Span<byte> hash, ReadOnlySpan<byte> entry) => Sha256.Hash(hash, LeafPrefix, entry);

    public static void Node(Span<byte> hash, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Sha256.Hash(hash, NodePrefix, left, right);

    /// <summary>The root of a tree without leaves.</summary>
    public static byte[] EmptyRoot()
    {
        var hash = new byte[Sha256.Size];
        Sha256.Hash(hash, []);
        return hash;
    }
}
