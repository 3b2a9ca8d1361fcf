using Notify.Audit.Proofs.Format;

namespace Notify.Audit.Tests.Proofs;

public sealed class SignedNoteTests
{
    /// <summary>The example that the authors of the note format use in their documentation.</summary>
    private const string KnownKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string KnownNote =
        """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

        """;

    private static readonly Checkpoint checkpoint = new(
        "notify-test", 42, [.. Enumerable.Range(0, 32).Select(x => (byte)x)], new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public void a_note_that_others_have_signed_is_read_and_verified() =>
        SignedNote.Parse(KnownNote)!.IsSignedBy([NoteKey.Parse(KnownKey)]).Should().BeTrue();

    /// <summary>RFC 8032, section 7.1, test 1 and test 3.</summary>
    [Theory]
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")]
    public void public_keys_follow_from_private_ones_as_in_rfc_8032(string secret, string expected) =>
        Convert.ToHexStringLower(new NoteSigner("x", Convert.FromHexString(secret)).Key.PublicKey).Should().Be(expected);

    [Fact]
    public void a_checkpoint_says_origin_size_root_and_instant() =>
        checkpoint.Text.Should().Be("notify-test\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nat 2026-01-31T08:00:00Z\n");

    [Theory]
    [InlineData("notify-test\n042\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nat 2026-01-31T08:00:00Z\n")]
    [InlineData("notify-test\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\nat 2026-01-31T08:00:00Z\n")]
    [InlineData("notify-test\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nat 2026-01-31 08:00:00Z\n")]
    [InlineData("notify-test\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")]
    public void a_checkpoint_can_be_written_in_one_way_only(string text) => Checkpoint.Parse(text).Should().BeNull();

    [Fact]
    public void every_single_bit_of_a_signed_checkpoint_and_of_its_key_counts()
    {
        var signer = new NoteSigner("notify-test", [.. Enumerable.Range(7, 32).Select(x => (byte)x)]);
        var note = System.Text.Encoding.UTF8.GetBytes(SignedNote.Sign(checkpoint.Text, signer).ToString());
        IsGood(note).Should().BeTrue();
        for (var bit = 0; bit < note.Length * 8; bit++)
        {
            byte[] changed = [.. note];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            IsGood(changed).Should().BeFalse($"bit {bit} counts");
        }

        bool IsGood(byte[] bytes) =>
            SignedNote.Parse(System.Text.Encoding.UTF8.GetString(bytes)) is { } parsed && parsed.IsSignedBy([signer.Key])
                && Checkpoint.Parse(parsed.Text) is not null;
    }

    [Fact]
    public void a_key_whose_number_does_not_fit_is_refused()
    {
        var act = () => NoteKey.Parse(KnownKey.Replace("c74f20a3", "c74f20a4", StringComparison.Ordinal));
        act.Should().Throw<FormatException>();
    }
}
