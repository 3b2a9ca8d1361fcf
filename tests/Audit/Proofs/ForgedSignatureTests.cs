using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Proofs.Format;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What somebody else has written as Notify would, one after the other into one history.</summary>
public sealed class ForgedSignatureTests(SignedChanges plant) : IClassFixture<SignedChanges>
{
    private readonly NotifyHost host = plant.Host;

    [Theory]
    [InlineData("copied", "The signature was altered, or was made for something else.")]
    [InlineData("rehashed", "The seal of the signature was made for something else.")]
    [InlineData("own key", "The signature is not sealed with this key: Notify did not make it, or made it with another key.")]
    [InlineData("unsigned", "It was approved without the signature that the policy asked for.")]
    [InlineData("self", "Who proposed the change has approved it.")]
    [InlineData("by another", "The signature is another person's than who has it on record.")]
    [InlineData("replayed", "The signature is there twice.")]
    [InlineData("claimed", "The change names an approval that is not there.")]
    [InlineData("other content", "What is there is not what was signed.")]
    public async Task what_somebody_has_forged_is_found_by_notify_and_by_both_verifiers(string forgery, string fault)
    {
        var key = await Verifiers.SignAsync(host);
        var start = TimeProvider.System.GetUtcNow();
        await plant.ProposeBothAsync();
        var stream = await ForgeAsync(forgery, key);
        await Verifiers.SignAsync(host);
        var result = await host.PostAsync("audit/verify", new { });
        result["findings"]!.AsArray().Where(x => ((string?)x!["kind"], (string?)x["streamId"]) == ("signature", stream))
            .Select(x => (string?)x!["explanation"]).Should().Equal(fault);
        var since = plant.Files.Since(start);
        foreach (var address in (string[])[$"audit/export?{since}", $"audit/export?format=csv&{since}", "audit/export?resource=FORGED", "audit/proof/LAST"])
            (await Verifiers.BothRefuseAsync(await plant.FileAsync(address), key)).Should().Be(fault, address);
    }

    /// <summary>Writes an event as Notify would write it, so that the log takes it in.</summary>
    /// <returns>The stream it is in.</returns>
    private async Task<string> ForgeAsync(string forgery, NoteKey key)
    {
        var (made, open) = (plant.Made, plant.Open);
        var approval = await ForgedEvents.ReadAsync(host, made, "access.proposal_approved.v1");
        var (by, signature) = ((string)approval["user"]!, approval["data"]!["signature"]!.AsObject());
        var author = await ForgedEvents.ReadAsync(host, open, "access.change_proposed.v1");
        var (version, stream) = (3, open);
        switch (forgery)
        {
            case "rehashed" or "own key":
                signature["content"] = ForgedEvents.Sha256(author["data"]!.ToJsonString());
                signature["hash"] = ForgedEvents.HashOf(signature, "proposal", open);
                if (forgery == "rehashed") break;
                using (var random = RandomNumberGenerator.Create())
                {
                    var secret = new byte[32];
                    random.GetBytes(secret);
                    var text = SignatureSeal.TextOf(
                        key.Name, open, Text("leaf"), Text("content"), Text("signer"), Text("signedAt"), Text("meaning"), Text("method"), Text("hash"));
                    signature["seal"] = SignedNote.Sign(text, new NoteSigner(key.Name, secret)).ToString();
                }

                break;
            case "self":
                (by, signature) = ((string)author["user"]!, (await ForgedEvents.ReadAsync(host, open, "access.proposal_signed.v1"))["data"]!["signature"]!.AsObject());
                break;
            case "by another":
                signature = (await ForgedEvents.ReadAsync(host, open, "access.proposal_signed.v1"))["data"]!["signature"]!.AsObject();
                break;
            case "replayed":
                (stream, version) = (made, 4);
                break;
            case "claimed":
                await ForgedEvents.AppendAsync(host, plant.UnchangedId, 2, "rules.message_disabled.v1", "{}", by, $$"""{"proposal":"{{open}}","approved-by":"{{by}}","by":"The wang.wei"}""");
                return plant.UnchangedId;
            case "other content":
                // A proposal of the forger's own in the place of the one that was signed: nothing of Notify's is changed.
                (stream, version) = ("proposal-forged", 2);
                author["data"]!["name"] = "Forged";
                await ForgedEvents.AppendAsync(host, stream, 1, "access.change_proposed.v1", author["data"]!.ToJsonString(), (string)author["user"]!, "{}");
                signature = (await SealedAsync(key, stream, signature))!;
                break;
        }

        var data = forgery == "unsigned" ? "{}" : new JsonObject { ["signature"] = signature.DeepClone() }.ToJsonString();
        await ForgedEvents.AppendAsync(host, stream, version, "access.proposal_approved.v1", data, by, "{}");
        return stream;

        string Text(string member) => (string)signature[member]!;
    }

    /// <summary>Somebody has had Notify seal something else than what is in the proposal.</summary>
    private async Task<JsonObject> SealedAsync(NoteKey key, string stream, JsonObject signature)
    {
        signature["content"] = ForgedEvents.Sha256("{}");
        signature["hash"] = ForgedEvents.HashOf(signature, "proposal", stream);
        await using var scope = host.Services.CreateAsyncScope();
        var bus = scope.ServiceProvider.GetRequiredService<Wolverine.IMessageBus>();
        var answer = await bus.InvokeAsync<Contracts.Audit.SignatureSealed>(new Contracts.Audit.SealSignature(
            stream, (string)signature["hash"]!, (string)signature["content"]!, (string)signature["signer"]!, (string)signature["signedAt"]!,
            (string)signature["meaning"]!, (string)signature["method"]!));
        answer.Seal.Should().Contain(key.Name);
        (signature["leaf"], signature["seal"]) = (answer.Leaf, answer.Seal);
        return signature;
    }
}
