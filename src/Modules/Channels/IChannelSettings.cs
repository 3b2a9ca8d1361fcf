using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Channels;

/// <summary>
/// The settings of a channel's services: entered with secrets in clear, stored and shown without them. <see cref="DescribedSettings{TSettings}"/> does
/// all of it by the description of the fields.
/// </summary>
public interface IChannelSettings
{
    /// <summary>What is entered, and what of it a read shows: forms and the OpenAPI document are made from it.</summary>
    IReadOnlyList<Field> Fields { get; }

    /// <summary>What is stored, for the documentation of events.</summary>
    Type StoredType { get; }

    /// <summary>The property under which the settings lie in events. It never changes.</summary>
    string StoredAs { get; }

    /// <summary>A body of <c>POST /services</c>, as an example.</summary>
    string Example { get; }

    /// <summary>Reads what was entered and seals its secrets. Faults go to <paramref name="errors"/>, with paths that begin with the channel's
    /// type.</summary>
    /// <param name="input">What lies under the channel's type; null when nothing does.</param>
    /// <param name="current">What is stored now: secrets that were left out, or sent back as they were read, are taken from it.</param>
    /// <returns>What is stored; counts only when there are no errors.</returns>
    JsonObject? Read(JsonNode? input, JsonObject? current, ResourceChange change, Errors errors);

    /// <summary>What a read shows: secrets by fingerprint, addresses with their keys masked.</summary>
    JsonObject View(JsonObject settings);

    /// <summary>All secrets that these settings use.</summary>
    IEnumerable<SecretRef> Secrets(JsonObject settings);

    /// <summary>Puts each secret, sealed for another installation, where <see cref="View"/> shows it masked.</summary>
    Task SealAsync(JsonObject shown, JsonObject settings, SecretSealer sealer);

    /// <summary>Where sealed secrets lie in what was entered.</summary>
    IEnumerable<SealedField> SealedIn(JsonNode? input);
}

/// <param name="Owner">The object that has the field; null when it is not there.</param>
/// <param name="Path">Within the settings, for a fault.</param>
/// <param name="Purpose">What the secret was sealed for: it opens for nothing else.</param>
public readonly record struct SealedField(JsonNode? Owner, string Field, string Path, string Purpose);
