using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Channels;

/// <summary>
/// The settings of a channel's services: entered with secrets in plain text, stored and shown without them.
/// <see cref="DescribedSettings{TSettings}"/> implements all of it from the description of the fields.
/// </summary>
public interface IChannelSettings
{
    /// <summary>The fields as entered and shown; forms and the OpenAPI document are made from them.</summary>
    IReadOnlyList<Field> Fields { get; }

    /// <summary>The type of the stored settings, for the documentation of events.</summary>
    Type StoredType { get; }

    /// <summary>The property that contains the settings in events. It never changes.</summary>
    string StoredAs { get; }

    /// <summary>An example body of <c>POST /services</c>.</summary>
    string Example { get; }

    /// <summary>Reads user input and seals its secrets. Faults are added to <paramref name="errors"/>, with paths that begin with the channel's
    /// type.</summary>
    /// <param name="input">The value of the property named after the channel's type; null if it is missing.</param>
    /// <param name="current">The stored settings: secrets that are omitted, or sent back as shown, are taken from them.</param>
    /// <returns>The settings to store; valid only if there are no errors.</returns>
    JsonObject? Read(JsonNode? input, JsonObject? current, ResourceChange change, Errors errors);

    /// <summary>The settings as shown: secrets by fingerprint, addresses with their keys masked.</summary>
    JsonObject View(JsonObject settings);

    /// <summary>All secrets that these settings use.</summary>
    IEnumerable<SecretRef> Secrets(JsonObject settings);

    /// <summary>Replaces each secret that <see cref="View"/> masked by the secret, sealed for another installation.</summary>
    Task SealAsync(JsonObject shown, JsonObject settings, SecretSealer sealer);

    /// <summary>The positions of sealed secrets in user input.</summary>
    IEnumerable<SealedField> SealedIn(JsonNode? input);
}

/// <param name="Owner">The object that contains the field; null if it is missing.</param>
/// <param name="Path">The path within the settings, for a fault.</param>
/// <param name="Purpose">What the secret was sealed for: it can be opened for nothing else.</param>
public readonly record struct SealedField(JsonNode? Owner, string Field, string Path, string Purpose);
