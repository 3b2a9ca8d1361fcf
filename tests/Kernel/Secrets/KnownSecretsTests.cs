using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Tests.Secrets;

public sealed class KnownSecretsTests
{
    private const string Key = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa";
    private const string Token = "Ab+3/xYz=09_QwErTyUiOpAsDfGhJkLzXcVbNm-qweRTY";
    private readonly FakeTimeProvider time = new();
    private readonly KnownSecrets known;

    public KnownSecretsTests()
    {
        known = new(time);
        known.Add(Key);
        known.Add(Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ok")]
    [InlineData("invalid credential, hint: [1600000000_12_abcdef0123456789], from ip: 203.0.113.7, more info at https://open.work.weixin.qq.com/devtool/query?e=40001")]
    [InlineData("请联系管理员 🔥 robot 00000000-0000-0000-0000-000000000000")]
    public void other_words_stay_as_they_are(string text) => known.Strike(text).Should().Be(text);

    [Fact]
    public void a_secret_is_struck_in_whatever_writing_and_what_stands_around_it_stays()
    {
        foreach (var secret in new[] { Key, Token })
        {
            var writings = new Dictionary<string, string>
            {
                ["as it is"] = secret,
                ["upper case"] = secret.ToUpperInvariant(),
                ["encoded"] = Uri.EscapeDataString(secret),
                ["encoded twice"] = Uri.EscapeDataString(Uri.EscapeDataString(secret)),
                ["for JSON"] = JsonSerializer.Serialize(secret)[1..^1],
                ["for HTML"] = System.Net.WebUtility.HtmlEncode(secret),
                ["its beginning"] = secret[..12],
                ["its end"] = secret[^12..],
                ["its middle"] = secret[10..22],
            };
            foreach (var (name, writing) in writings) known.Strike($"call ({writing}) failed").Should().Be("call (…) failed", $"{name} of {secret}");
            foreach (var before in new[] { "", "a", "ab", "abc" })
            {
                var coded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{before}{secret}&more"));
                known.Strike(coded).Length.Should().BeLessThan(coded.Length - (secret.Length * 5 / 4) + 8, $"base 64 after '{before}'");
                known.Strike(coded.Replace('+', '-').Replace('/', '_')).Length.Should().BeLessThan(coded.Length - (secret.Length * 5 / 4) + 8);
            }
        }

        known.Strike($"{Key}{Key} and {Token}.").Should().Be("… and ….");
    }

    [Fact]
    public void a_short_secret_is_struck_where_it_stands_alone()
    {
        known.Add("k7");
        known.Add("aaaaaaaaaa");
        known.Strike("?key=k7&x, k78 ok7, aaaaaaaaaaaa").Should().Be("?key=…&x, k78 ok7, …aa");
    }

    [Fact]
    public void a_secret_that_people_chose_is_struck_as_a_whole_and_its_words_are_anybody_s()
    {
        known.AddChosen("ntf_the_administrators_key");
        known.Strike("ask the administrators, not ntf_the_administrators_key").Should().Be("ask the administrators, not …");
    }

    [Fact]
    public void tokens_of_the_past_do_not_pile_up()
    {
        known.Add("a-token-of-last-week-0123456789", time.GetUtcNow() + TimeSpan.FromHours(2));
        known.Strike("a-token-of-last-week-0123456789").Should().Be("…");
        time.Advance(TimeSpan.FromHours(4));
        known.Add("another-token-9876543210-zyx", time.GetUtcNow() + TimeSpan.FromHours(2));
        known.Strike("a-token-of-last-week-0123456789").Should().Be("a-token-of-last-week-0123456789");
        known.Strike($"{Key} another-token-9876543210-zyx").Should().Be("… …");
    }

    [Fact]
    public void nothing_of_a_random_secret_is_left_that_is_longer_than_chance()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var secret = Convert.ToHexStringLower(Bytes(20));
            known.Add(secret);
            var (from, to) = (random.Next(0, 20), random.Next(24, 40));
            var text = $"{Convert.ToBase64String(Bytes(5))}{secret[from..to]}{Convert.ToBase64String(Bytes(5))}";
            var left = known.Strike(text);
            for (var i = 0; i + 8 <= secret.Length; i++) left.Should().NotContain(secret.Substring(i, 8), text);
        }

        byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }
    }
}
