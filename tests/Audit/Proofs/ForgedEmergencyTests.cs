using System.Text.Json.Nodes;
using Notify.Testing;
using static Notify.Audit.Tests.Proofs.SignedEmergency;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What somebody else has written as Notify would, one after the other into one history.</summary>
public sealed class ForgedEmergencyTests(SignedEmergency plant) : IClassFixture<SignedEmergency>
{
    private readonly NotifyHost host = plant.Host;

    [Theory]
    [InlineData("copied", "The signature was altered, or was made for something else.")]
    [InlineData("by another", "The signature is another person's than who has it on record.")]
    [InlineData("other meaning", "The signature means something else than its event.")]
    [InlineData("other content", "What is there is not what was signed.")]
    [InlineData("replayed", "The signature is there twice.")]
    [InlineData("malformed", "The signature is malformed.")]
    [InlineData("unsigned", "It is not signed.")]
    [InlineData("other request", "What was confirmed is not what was requested.")]
    [InlineData("alone", "One person has signed an emergency twice.")]
    [InlineData("other events", "The events are not what was reviewed.")]
    [InlineData("claimed", "The change names an emergency that is not there.")]
    public async Task what_somebody_has_forged_is_found_by_both_verifiers_and_by_notify(string forgery, string fault)
    {
        var start = TimeProvider.System.GetUtcNow();
        var stream = await ForgeAsync(forgery);
        var key = await Verifiers.SignAsync(host);
        var since = plant.Files.Since(start);
        foreach (var address in (string[])[$"audit/export?{since}", $"audit/export?format=csv&{since}", $"audit/export?resource={stream}"])
            (await Verifiers.BothRefuseAsync(await plant.Files.FileAsync(address), key)).Should().Be(fault, address);
        (await plant.FindingsAsync()).Should().Contain(x => (string?)x!["streamId"] == stream);
    }

    /// <returns>The stream that is no more what it was.</returns>
    private async Task<string> ForgeAsync(string forgery)
    {
        // What is told twice is of this test, so that an export since its beginning holds both.
        var (review, emergency) = (forgery == "replayed" ? await plant.ReviewAsync() : plant.Review, plant.Emergency);
        var name = forgery.Replace(' ', '-');
        string otherReview = $"historyreview-{name}", other = $"emergency-{name}";
        var copy = await ForgedEvents.ReadAsync(host, review, Reviewed);
        var (data, by) = (copy["data"]!.AsObject(), (string)copy["user"]!);
        switch (forgery)
        {
            case "copied":
                await plant.AppendAsync(otherReview, 1, Reviewed, (data, by));
                return otherReview;
            case "by another":
                await plant.AppendAsync(otherReview, 1, Reviewed, ((await plant.ResignedAsync(otherReview, review, Reviewed)).Data, "user-other"));
                return otherReview;
            case "other meaning":
                await plant.AppendAsync(otherReview, 1, Reviewed,
                    await plant.ResignedAsync(otherReview, review, Reviewed, inSignature: x => x["meaning"] = "approved"));
                return otherReview;
            case "other content":
                await plant.AppendAsync(otherReview, 1, Reviewed,
                    await plant.ResignedAsync(otherReview, review, Reviewed, x => x["findings"] = "Nothing", isContentKept: true));
                return otherReview;
            case "replayed":
                await plant.AppendAsync(review, 2, Reviewed, (data, by));
                return review;
            case "malformed":
                data["signature"]!.AsObject().Remove("seal");
                await plant.AppendAsync(otherReview, 1, Reviewed, (data, by));
                return otherReview;
            case "unsigned":
                data["signature"] = null;
                await plant.AppendAsync(otherReview, 1, Reviewed, (data, by));
                return otherReview;
            case "other request":
                await plant.AppendAsync(other, 1, Requested, await plant.ResignedAsync(other, emergency, Requested, x => x["minutes"] = 240));
                await plant.AppendAsync(other, 2, Opened, await plant.ResignedAsync(other, emergency, Opened));
                return other;
            case "alone":
                var asked = await plant.ResignedAsync(other, emergency, Requested);
                await plant.AppendAsync(other, 1, Requested, asked);
                var opened = await plant.ResignedAsync(other, emergency, Opened, inSignature: x => x["signer"] = asked.By);
                await plant.AppendAsync(other, 2, Opened, (opened.Data, asked.By));
                return other;
            case "other events":
                await plant.AppendAsync(other, 1, Requested, await plant.ResignedAsync(other, emergency, Requested));
                await plant.AppendAsync(other, 2, Opened, await plant.ResignedAsync(other, emergency, Opened));
                await plant.AppendAsync(other, 3, Ended, (new JsonObject { ["why"] = "ended" }, by));
                await plant.AppendAsync(other, 4, EmergencyReviewed, await plant.ResignedAsync(other, emergency, EmergencyReviewed));
                return other;
            default:
                await ForgedEvents.AppendAsync(
                    host, plant.Example.MessageId, 3, "rules.message_disabled.v1", "{}", by, $$"""{"emergency":"{{other}}"}""");
                return plant.Example.MessageId;
        }
    }
}
