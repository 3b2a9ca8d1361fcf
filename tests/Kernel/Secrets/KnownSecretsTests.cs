using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Notify.Kernel.Secrets;
using Notify.Testing;

namespace Notify.Kernel.Tests.Secrets;

public sealed class KnownSecretsTests
{
    private const string Key = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa";
    private const string Token = "Ab+3/xYz=09_QwErTyUiOpAsDfGhJkLzXcVbNm-qweRTY";
    private readonly FakeTimeProvider time = new();
    private readonly KnownSecrets known;
    private readonly Xunit.Abstractions.ITestOutputHelper output;

    public KnownSecretsTests(Xunit.Abstractions.ITestOutputHelper output)
    {
        this.output = output;
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
    public void from_what_is_sent_whole_secrets_go_and_nothing_else_does()
    {
        const string Key = "693a91f6-7d0c-4bc4-97a0-0ec2c1fa5b1e";
        const string Odd = "q+X/3vB7\"mT9<wL2kR5";
        var known = new KnownSecrets(TimeProvider.System);
        foreach (var secret in (string[])[Key, Odd, "short-secret-15", "maintenance-window-of-the-plant"]) known.Add(secret);
        known.AddChosen("ntf_chosen_by_people_1");
        foreach (var (text, masked) in new[]
        {
            ("as it was", "as it was"),
            ($"key={Key}.", $"key={Stars(36)}."),
            ($"{Key}{Key} {Key[..35]}", $"{Stars(72)} {Key[..35]}"),
            (Key.ToUpperInvariant(), Key.ToUpperInvariant()),
            ("short-secret-15, maintenance-window-of-the-plant", "short-secret-15, maintenance-window-of-the-plant"),
            ("with ntf_chosen_by_people_1", $"with {Stars(22)}"),
            ("ntf_ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuv ntf_of_somebody", $"{Stars(49)} ntf_of_somebody"),
            (System.Text.Json.JsonSerializer.Serialize(Odd), $"\"{Stars(System.Text.Json.JsonSerializer.Serialize(Odd).Length - 2)}\""),
            (Odd, Stars(Odd.Length)),
        })
        {
            known.Mask(text).Should().Be(masked);
            var bytes = System.Text.Encoding.UTF8.GetBytes($"压力{text}");
            known.Mask(bytes);
            System.Text.Encoding.UTF8.GetString(bytes).Should().Be($"压力{masked}");
        }

        known.Add("c58d02e7-91ab-4f63-8e1d-7b60fa24d390");
        known.Mask("now c58d02e7-91ab-4f63-8e1d-7b60fa24d390 too").Should().NotContain("c58d", "it is known from now on");

        static string Stars(int count) => new('*', count);
    }

    [Fact]
    public void in_a_long_body_it_is_found_wherever_it_lies()
    {
        var random = TestRandom.New(output.WriteLine);
        var known = new KnownSecrets(TimeProvider.System);
        string[] secrets = [.. Enumerable.Range(0, 300).Select(i => $"{Guid.NewGuid()}-{i}")];
        foreach (var secret in secrets) known.Add(secret);
        for (var turn = 0; turn < 50; turn++)
        {
            var text = new System.Text.StringBuilder();
            while (text.Length < 60_000) text.Append('x', random.Next(1, 2000)).Append(' ')
                .Append(random.Next(5) == 0 ? $"ntf_{new string('A', random.Next(40, 80))}" : secrets[random.Next(secrets.Length)]);
            var bytes = System.Text.Encoding.UTF8.GetBytes(text.ToString());
            known.Mask(bytes);
            var masked = System.Text.Encoding.UTF8.GetString(bytes);
            masked.Should().HaveLength(text.Length).And.MatchRegex("^[x* ]*$");
        }
    }

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
    public async Task an_empty_secret_is_none()
    {
        known.AddChosen("");
        known.Add("");
        // Another thread, since a search for nothing would never end.
        (await Task.Run(() => known.Strike("as it was")).WaitAsync(TimeSpan.FromSeconds(10))).Should().Be("as it was");
        known.Mask("as it was").Should().Be("as it was");
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
