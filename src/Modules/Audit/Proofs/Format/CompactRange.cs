using System.Numerics;
using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <summary>
/// A tree that grows at its right edge, represented by the roots of its complete subtrees: at most 63 hashes, however large it is. One appends a
/// leaf's hash, or the root of a complete subtree that stands for the leaves below it.
/// </summary>
public sealed class CompactRange
{
    private readonly byte[] hashes = new byte[64 * Sha256.Size];
    private readonly int[] heights = new int[64];
    private int count;

    /// <param name="index">The index among the subtrees of this height, from 0.</param>
    public delegate void Completed(int height, long index, ReadOnlySpan<byte> hash);

    /// <summary>The number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Called for each complete subtree of more than one leaf that an append has finished.</summary>
    public Completed? OnCompleted { get; set; }

    /// <param name="height">0 for a leaf; a subtree of height h stands for 2^h leaves.</param>
    /// <exception cref="InvalidOperationException">A subtree of that height does not begin here.</exception>
    public void Append(ReadOnlySpan<byte> hash, int height = 0)
    {
        if (height > HeightAt(Size, long.MaxValue)) throw new InvalidOperationException("A subtree of this height does not begin at this size.");
        hash.CopyTo(At(count));
        heights[count++] = height;
        Size += 1L << height;
        while (count > 1 && heights[count - 2] == heights[count - 1])
        {
            TreeHash.Node(At(count - 2), At(count - 2), At(count - 1));
            count--;
            heights[count - 1]++;
            OnCompleted?.Invoke(heights[count - 1], (Size >> heights[count - 1]) - 1, At(count - 1));
        }
    }

    /// <summary>An independent copy.</summary>
    public CompactRange Copy()
    {
        var copy = new CompactRange { count = count, Size = Size };
        hashes.CopyTo(copy.hashes.AsSpan());
        heights.CopyTo(copy.heights.AsSpan());
        return copy;
    }

    public byte[] Root()
    {
        if (count == 0) return TreeHash.EmptyRoot();
        var root = At(count - 1).ToArray();
        for (var i = count - 2; i >= 0; i--) TreeHash.Node(root, At(i), root);
        return root;
    }

    /// <summary>The height of the largest complete subtree that begins at <paramref name="start"/> and ends at or before
    /// <paramref name="end"/>.</summary>
    public static int HeightAt(long start, long end)
    {
        var fitting = BitOperations.Log2((ulong)(end - start));
        return start == 0 ? fitting : Math.Min(fitting, BitOperations.TrailingZeroCount(start));
    }

    private Span<byte> At(int i) => hashes.AsSpan(i * Sha256.Size, Sha256.Size);
}
