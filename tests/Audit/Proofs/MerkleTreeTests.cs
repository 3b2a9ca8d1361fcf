using System.Text;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel.Events.Store;

namespace Notify.Audit.Tests.Proofs;

/// <summary>Against the definitions of RFC 9162, written out anew here, and against the roots that Certificate Transparency's implementations
/// share.</summary>
public sealed class MerkleTreeTests
{
    private static readonly byte[][] leaves =
    [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57], [.. Enumerable.Range(0x60, 16).Select(x => (byte)x)],
    ];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void roots_are_those_of_certificate_transparency(int size, string root)
    {
        var range = new CompactRange();
        var hash = new byte[32];
        foreach (var leaf in leaves.Take(size))
        {
            TreeHash.Leaf(hash, leaf);
            range.Append(hash);
        }

        Convert.ToHexStringLower(range.Root()).Should().Be(root);
    }

    [Fact]
    public void a_range_of_subtrees_has_the_root_of_its_leaves()
    {
        for (var size = 1; size <= 40; size++)
        {
            for (var start = 0; start <= size; start++)
            {
                var range = new CompactRange();
                for (long at = 0; at < size;)
                {
                    var height = CompactRange.HeightAt(at, at < start ? start : size);
                    range.Append(Root(at, at + (1L << height)), height);
                    at += 1L << height;
                }

                range.Root().Should().Equal(Root(0, size));
            }
        }
    }

    [Fact]
    public void every_inclusion_proof_holds_and_no_other_leaf_index_size_or_root_passes_with_it()
    {
        for (var size = 1; size <= 40; size++)
        {
            for (var index = 0; index < size; index++)
            {
                var path = MerkleProof.Inclusion(index, size).Select(x => Root(x.Start, x.End)).ToList();
                MerkleProof.VerifyInclusion(index, size, Leaf(index), path, Root(0, size)).Should().BeTrue();
                MerkleProof.VerifyInclusion(index, size, Leaf(index + 1), path, Root(0, size)).Should().BeFalse();
                MerkleProof.VerifyInclusion(index, size, Leaf(index), path, Root(0, size + 1)).Should().BeFalse();
                if (index > 0) MerkleProof.VerifyInclusion(index - 1, size, Leaf(index), path, Root(0, size)).Should().BeFalse();
                MerkleProof.VerifyInclusion(index, size, Leaf(index), [.. path, Leaf(0)], Root(0, size)).Should().BeFalse();
            }
        }
    }

    [Fact]
    public void every_consistency_proof_holds_and_none_for_a_tree_that_was_rewritten()
    {
        for (var second = 1; second <= 40; second++)
        {
            for (var first = 1; first <= second; first++)
            {
                var path = MerkleProof.Consistency(first, second).Select(x => Root(x.Start, x.End)).ToList();
                MerkleProof.VerifyConsistency(first, second, Root(0, first), Root(0, second), path).Should().BeTrue();
                MerkleProof.VerifyConsistency(first, second, Root(1, first + 1), Root(0, second), path).Should().BeFalse();
                MerkleProof.VerifyConsistency(first, second, Root(0, first), Root(1, second + 1), path).Should().BeFalse();
                if (path.Count > 0) MerkleProof.VerifyConsistency(first, second, Root(0, first), Root(0, second), path[..^1]).Should().BeFalse();
            }
        }
    }

    [Fact]
    public void a_subtree_cannot_be_put_where_it_does_not_begin()
    {
        var range = new CompactRange();
        range.Append(Leaf(0));
        var act = () => range.Append(Leaf(1), 1);
        act.Should().Throw<InvalidOperationException>();
    }

    /// <summary>As after a restore that let the sequence begin far above the events.</summary>
    [Fact]
    public void a_number_that_is_too_far_for_an_offset_begins_a_row()
    {
        long[] numbers = [1, 2, 2L + uint.MaxValue, 3L + uint.MaxValue, 1L << 40, (1L << 40) + 1];
        var rows = LeafBatch.RowsOf([.. numbers.Select(x => new EventRow { Sequence = x })]).Select(x => x.Select(e => e.Sequence).ToList()).ToList();
        rows.Should().BeEquivalentTo(new[] { numbers[..2], numbers[2..4], numbers[4..] }, x => x.WithStrictOrdering());
        rows.Should().AllSatisfy(x => LeafBatch.OffsetsOf(x).Should().BeEmpty());
        LeafBatch.RowsOf([.. Enumerable.Range(1, 2500).Select(x => new EventRow { Sequence = x })]).Select(x => x.Length).Should()
            .Equal(1024, 1024, 452);
    }

    /// <summary>MTH(D[start:end]) as section 2.1.1 says it.</summary>
    private static byte[] Root(long start, long end)
    {
        if (end - start == 1) return Leaf(start);
        long k = 1;
        while (k * 2 < end - start) k *= 2;
        var hash = new byte[32];
        TreeHash.Node(hash, Root(start, start + k), Root(start + k, end));
        return hash;
    }

    private static byte[] Leaf(long index)
    {
        var hash = new byte[32];
        TreeHash.Leaf(hash, Encoding.ASCII.GetBytes($"leaf {index}"));
        return hash;
    }
}
